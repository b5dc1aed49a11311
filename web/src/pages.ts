/** The script of every page: its charts, suggestions in its fields, and texts to copy. */
import "./styles/index.css";
import { drawCharts } from "./charts/draw";
import { suggestInSearchForms } from "./combobox";
import { offerCopies } from "./copy";
import { suggestResources } from "./parameters";
import { unfoldTargets } from "./unfold";

document.documentElement.dataset["scripts"] = "ready"; // see theme.ts
drawCharts(document);
offerCopies(document);
suggestInSearchForms(document);
suggestResources(document);
unfoldTargets();
