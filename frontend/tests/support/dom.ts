// As much of a document as Preact draws into: elements in a tree, without any layout but what a test
// gives them.

import { vi } from "vitest";

const nothing = () => undefined;

export class FakeElement {
  readonly nodeType = 1;
  readonly namespaceURI = "http://www.w3.org/1999/xhtml";
  readonly childNodes: FakeElement[] = [];
  readonly dataset: Record<string, string> = {};
  readonly style: Record<string, string> = {};
  readonly isConnected = true;
  parentNode: FakeElement | null = null;
  scrollTop = 0;
  scrollHeight = 0;
  clientHeight = 0;
  /** Its height, wherever it is. */
  height = 0;

  constructor(readonly localName: string) {}

  get children(): FakeElement[] {
    return this.childNodes.filter(({ localName }) => localName !== "#text");
  }

  get firstChild(): FakeElement | null {
    return this.childNodes[0] ?? null;
  }

  get nextSibling(): FakeElement | null {
    const siblings = this.parentNode?.childNodes ?? [];
    return siblings[siblings.indexOf(this) + 1] ?? null;
  }

  insertBefore(node: FakeElement, before: FakeElement | null): void {
    node.remove();
    node.parentNode = this;
    const at = before === null ? -1 : this.childNodes.indexOf(before);
    if (at < 0) this.childNodes.push(node);
    else this.childNodes.splice(at, 0, node);
  }

  appendChild(node: FakeElement): void {
    this.insertBefore(node, null);
  }

  removeChild(node: FakeElement): void {
    node.remove();
  }

  remove(): void {
    const siblings = this.parentNode?.childNodes;
    siblings?.splice(siblings.indexOf(this), 1);
    this.parentNode = null;
  }

  setAttribute(name: string, value: unknown): void {
    if (name.startsWith("data-")) this.dataset[name.slice(5)] = String(value);
  }

  removeAttribute(name: string): void {
    if (name.startsWith("data-")) Reflect.deleteProperty(this.dataset, name.slice(5));
  }

  contains(other: FakeElement | null): boolean {
    return other === this || (other !== null && this.contains(other.parentNode));
  }

  getBoundingClientRect(): { top: number; height: number } {
    return { top: 0, height: this.height };
  }

  /** A row by its key is all that the log looks for. */
  querySelector(selector: string): FakeElement | null {
    const key = /data-key="([^"]*)"/.exec(selector)?.[1];
    for (const child of this.childNodes) {
      const found = child.dataset["key"] === key ? child : child.querySelector(selector);
      if (found !== null) return key === undefined ? null : found;
    }
    return null;
  }

  readonly addEventListener = nothing;
  readonly removeEventListener = nothing;
}

/** Puts a document where a browser has it, until `vi.unstubAllGlobals`. Nobody looks at the page. */
export function fakeDocument(): FakeElement {
  const body = new FakeElement("body");
  const page = {
    body,
    activeElement: body,
    visibilityState: "visible",
    hasFocus: () => false,
    createElementNS: (_: string, name: string) => new FakeElement(name),
    createTextNode: () => new FakeElement("#text"),
    addEventListener: nothing,
    removeEventListener: nothing,
  };
  vi.stubGlobal("document", page);
  vi.stubGlobal("addEventListener", page.addEventListener);
  vi.stubGlobal("removeEventListener", page.removeEventListener);
  vi.stubGlobal("requestAnimationFrame", (run: () => void) => setTimeout(run));
  vi.stubGlobal("CSS", { escape: String });
  vi.stubGlobal(
    "ResizeObserver",
    class {
      readonly observe = nothing;
      readonly unobserve = nothing;
      readonly disconnect = nothing;
    },
  );
  return body;
}
