/** The script of every page: its charts, suggestions in its fields, texts to copy, links to other languages, headings. */
import "./styles/index.css";
import { drawCharts } from "./charts/draw";
import { suggestInSearchForms } from "./combobox";
import { offerCopies } from "./copy";
import { breakBetweenWords } from "./headings";
import { followAddress } from "./languages";
import { suggestResources } from "./parameters";
import { unfoldTargets } from "./unfold";

document.documentElement.dataset["scripts"] = "ready"; // see theme.ts
breakBetweenWords();
drawCharts(document);
offerCopies(document);
followAddress(document);
suggestInSearchForms(document);
suggestResources(document);
unfoldTargets();
