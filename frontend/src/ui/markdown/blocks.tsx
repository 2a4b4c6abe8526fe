import { CodeBlock } from "./code-block";
import { MentionChip } from "./inline";
import { Link } from "./links";
import type { Block, Cell, Inlines } from "./tree";

interface Props {
  blocks: readonly Block[];
  /** The reader's id. */
  me: string | null;
}

/** A body's tree, as vnodes. */
export function Blocks({ blocks, me }: Props) {
  return (
    <>
      {blocks.map((block, index) => (
        <BlockView key={index} block={block} me={me} />
      ))}
    </>
  );
}

/** Sizes of headings. In a chat three are enough. */
const SIZES = 3;

function BlockView({ block, me }: { block: Block; me: string | null }) {
  switch (block.is) {
    case "paragraph":
      return block.tight ? (
        <Line inside={block.inside} me={me} />
      ) : (
        <p>
          <Line inside={block.inside} me={me} />
        </p>
      );
    case "heading":
      // What somebody writes is no part of the page's own outline, so to a screen reader it is a line.
      return (
        <p class="heading" data-size={Math.min(block.level, SIZES)}>
          <Line inside={block.inside} me={me} />
        </p>
      );
    case "quote":
      return (
        <blockquote>
          <Blocks blocks={block.blocks} me={me} />
        </blockquote>
      );
    case "list": {
      const List = block.ordered ? "ol" : "ul";
      return (
        <List>
          {block.items.map((item, index) => (
            <li key={index} {...(item.number === null ? {} : { value: item.number })}>
              <Blocks blocks={item.blocks} me={me} />
            </li>
          ))}
        </List>
      );
    }
    case "code":
      return <CodeBlock info={block.info} text={block.text} />;
    case "table":
      return (
        // Wide tables scroll; by keyboard too.
        <div class="table" tabIndex={0}>
          <table>
            <thead>
              <tr>{cells("th", block.head, me)}</tr>
            </thead>
            <tbody>
              {block.rows.map((row, index) => (
                <tr key={index}>{cells("td", row, me)}</tr>
              ))}
            </tbody>
          </table>
        </div>
      );
    case "rule":
      return <hr />;
  }
}

function cells(Tag: "th" | "td", row: readonly Cell[], me: string | null) {
  return row.map((cell, index) => (
    <Tag key={index} data-align={cell.align ?? undefined}>
      <Line inside={cell.inside} me={me} />
    </Tag>
  ));
}

function Line({ inside, me }: { inside: Inlines; me: string | null }) {
  return (
    <>
      {inside.map((inline, index) => {
        switch (inline.is) {
          case "text":
            return inline.text;
          case "code":
            return <code key={index}>{inline.text}</code>;
          case "mention":
            return <MentionChip key={index} mention={inline.mention} me={me} />;
          case "link":
            return (
              <Link key={index} href={inline.href} titled={!inline.bare}>
                <Line inside={inline.inside} me={me} />
              </Link>
            );
          default: {
            const Mark = inline.is;
            return (
              <Mark key={index}>
                <Line inside={inline.inside} me={me} />
              </Mark>
            );
          }
        }
      })}
    </>
  );
}
