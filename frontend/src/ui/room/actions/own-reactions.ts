import { OwnReactions } from "../../../sync/own-reactions";
import { perApp } from "../../context/per-app";

/** What all that shows reactions asks, so that the server is asked once. */
export const ownReactionsOf = perApp(({ client }) => new OwnReactions(client));
