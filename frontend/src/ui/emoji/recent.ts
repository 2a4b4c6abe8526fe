import { RecentEmoji } from "../../store/recent-emoji";
import { browserStorage } from "../../store/storage";
import { perApp } from "../kit/per-app";

export const recentEmoji = perApp(() => new RecentEmoji(browserStorage()));
