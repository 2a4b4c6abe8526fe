import { useApp } from "../../context/app-context";
import { COLUMNS } from "./grid";
import type { PickerState } from "./picker-state";
import { emojiText } from "./strings";

interface Props {
  picking: PickerState;
  onPick: (emoji: string) => void;
  onKey: (event: KeyboardEvent) => void;
}

/** One cell can be reached by Tab, the arrows go on from there. */
export function Cells({ picking, onPick, onKey }: Props) {
  const t = emojiText(useApp().i18n);
  const shown = picking.shown.value;
  const at = picking.at.value;
  const rows = Array.from({ length: Math.ceil(shown.length / COLUMNS) }, (_, row) =>
    shown.slice(row * COLUMNS, row * COLUMNS + COLUMNS),
  );
  if (shown.length === 0) return <p class="emoji-none">{t("emoji.none")}</p>;
  return (
    <div
      id="emoji-grid"
      class="emoji-grid"
      role="grid"
      aria-label={t("emoji.title")}
      data-testid="emoji-grid"
      onKeyDown={onKey}
      onClick={(event) => {
        const picked = shown[indexUnder(event) ?? -1];
        if (picked !== undefined) onPick(picked);
      }}
      onPointerOver={(event) => {
        const index = indexUnder(event);
        if (index !== null) picking.point(index);
      }}
    >
      {rows.map((row, line) => (
        <div key={line} role="row" class="emoji-row">
          {row.map((emoji, column) => {
            const index = line * COLUMNS + column;
            const name = picking.name(emoji);
            return <Cell key={emoji} {...{ emoji, name, index, active: index === at }} />;
          })}
        </div>
      ))}
    </div>
  );
}

interface CellProps {
  emoji: string;
  name: string;
  index: number;
  active: boolean;
}

function Cell({ emoji, name, index, active }: CellProps) {
  return (
    <div
      role="gridcell"
      class="emoji-cell"
      tabIndex={active ? 0 : -1}
      aria-label={name}
      data-index={index}
      data-active={active}
      data-testid="emoji"
      data-emoji={emoji}
    >
      {emoji}
    </div>
  );
}

function indexUnder(event: Event): number | null {
  const cell = event.target instanceof Element ? event.target.closest("[data-index]") : null;
  return cell === null ? null : Number(cell.getAttribute("data-index"));
}
