/** The script of every page: its charts, and suggestions in its search forms. */
import "./styles/index.css";
import { drawCharts } from "./charts/draw";
import { suggestInSearchForms } from "./combobox";

drawCharts(document);
suggestInSearchForms(document);
