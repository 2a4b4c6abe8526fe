// What the story needs of a browser, whichever it is: what a hand does, and a look at the document.

/** A function of the page, with what it is given; both travel as text. */
export type InPage<A extends readonly unknown[], T> = (...given: A) => T | Promise<T>;

export interface Tab {
  open(address: string): Promise<void>;
  reload(): Promise<void>;
  run<A extends readonly unknown[], T>(what: InPage<A, T>, ...given: A): Promise<T>;
  /** By a real pointer, in the middle of the first that is shown. */
  click(selector: string): Promise<void>;
  hover(selector: string): Promise<void>;
  /** Into whatever has the focus. */
  type(text: string): Promise<void>;
  /** `Enter`, `ArrowUp`, `Control+k`. */
  press(keys: string): Promise<void>;
  /** The wheel over it, by this many pixels down. */
  wheel(selector: string, by: number): Promise<void>;
  /** Gives a file to a file input. */
  attach(selector: string, path: string): Promise<void>;
  resize(width: number, height: number): Promise<void>;
  picture(): Promise<Buffer>;
  /** In front of the browser's other tabs. */
  front(): Promise<void>;
  close(): Promise<void>;
}

export interface Engine {
  readonly name: string;
  readonly version: string;
  /** Another tab of the same browser, with what it keeps. */
  tab(): Promise<Tab>;
  end(): Promise<void>;
}
