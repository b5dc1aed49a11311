/** The page /query: the editor. */
import "./styles/editor.css";
