import { RecentEmoji } from "../../../store/recent-emoji";
import { browserStorage } from "../../../store/storage";
import { perApp } from "../../context/per-app";

export const recentEmoji = perApp(() => new RecentEmoji(browserStorage()));
