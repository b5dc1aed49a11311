/** What every page loads: the styles, and what makes the tables and forms of a page better where scripts run. */
import "./styles/index.css";
import { suggestInSearch } from "./search";
import { drawFigures } from "./views/figures";

drawFigures(document);
suggestInSearch(document);
