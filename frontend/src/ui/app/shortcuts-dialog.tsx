import { useApp } from "../context/app-context";
import { appText } from "./strings";
import { Dialog, DialogHead } from "../kit/dialog";
import { Keys } from "../kit/keys";
import { SHORTCUTS } from "./shortcuts";

const GROUPS = ["go", "read", "write", "message"] as const;

/** What can be pressed, from the list that is also what listens. */
export function ShortcutsDialog() {
  const { i18n, surfaces } = useApp();
  const t = appText(i18n);
  return (
    <Dialog
      class="dialog shortcuts-dialog"
      label={t("shortcuts.title")}
      testid="shortcuts-dialog"
      onClose={() => surfaces.close()}
    >
      <DialogHead
        title={t("shortcuts.title")}
        closeLabel={t("dialog.close")}
        close={() => surfaces.close()}
      />
      {GROUPS.map((group) => (
        <section key={group}>
          <h2>{t(`shortcuts.group.${group}`)}</h2>
          <dl>
            {SHORTCUTS.filter((shortcut) => shortcut.group === group).map((shortcut) => (
              <div key={shortcut.name} data-testid="shortcut" data-name={shortcut.name}>
                <dt>{t(`shortcuts.${shortcut.name}`)}</dt>
                <dd>
                  <Keys combos={shortcut.combos} or={t("shortcuts.or")} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Dialog>
  );
}
