import { browserClock } from "../../../connection/ports";
import { searchMessages } from "../../../sync/queries";
import { Search } from "../../../sync/search";
import { perApp } from "../../context/per-app";

/** What was found is there again when the panel is opened again. */
export const searchOf = perApp(
  ({ client }) => new Search((what, done) => searchMessages(client, what, done), browserClock),
);
