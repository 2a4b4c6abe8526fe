// The stops of the tour at what was said and what was brought.

import type { Look } from "./tour.js";
import type { Person } from "./person.js";
import { picture } from "./picture.js";
import { until } from "./until.js";
import type { Wire } from "./wire.js";

const WOOD = [122, 79, 42];
const LIGHT = [240, 217, 181];
const GREEN = [44, 102, 79];
const SKY = [147, 197, 232];

/** A room with files of every kind. */
export async function bringFiles(http: string, guest: (name: string) => Wire): Promise<void> {
  const room = "현장 사진";
  const minji = guest("김민지");
  const grace = guest("Grace");
  for (const one of [minji, grace]) await one.enter(room);
  const zip = Buffer.concat([Buffer.from("PK\x03\x04"), Buffer.alloc(1_400_000, 7)]);
  await minji.bring(
    http,
    room,
    [["마루 시안.png", picture(1200, 800, LIGHT, WOOD)]],
    "어제 찍은 거예요",
  );
  await grace.bring(http, room, [
    ["relay-1.png", picture(600, 600, SKY, GREEN)],
    ["relay-2.png", picture(300, 700, GREEN, LIGHT)],
    ["relay-3.png", picture(900, 300, WOOD, SKY)],
  ]);
  await minji.bring(
    http,
    room,
    [
      ["회의록 최종.zip", zip],
      ["측정 결과.txt", Buffer.from("70, 71, 69\n")],
    ],
    "자료 같이 보내요",
  );
}

export async function lookAtFiles(person: Person, look: Look): Promise<void> {
  await person.visit("현장 사진");
  await person.isIn("현장 사진");
  await until("the pictures are there", async () => {
    const states = await person
      .by("picture")
      .evaluateAll((all) => all.map((one) => one.getAttribute("data-state")));
    return states.length === 4 && states.every((state) => state === "shown");
  });
  await look(person, "n-files");
  await person.by("picture").nth(2).click();
  await until("it is large", () => person.by("lightbox-picture").isVisible());
  await look(person, "o-picture");
  await person.page.keyboard.press("Escape");
  await person.by("attach-input").setInputFiles([
    { name: "새 시안.png", mimeType: "image/png", buffer: picture(400, 400, SKY, WOOD) },
    { name: "견적서.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7\n%%EOF\n") },
  ]);
  await until("they are there", async () => {
    const states = await person
      .by("attachment")
      .evaluateAll((all) => all.map((one) => one.getAttribute("data-state")));
    return states.length === 2 && states.every((state) => state === "done");
  });
  await look(person, "p-attached");
  for (let n = 0; n < 2; n++) await person.by("attachment-remove").first().click();
}

export async function lookAtSearch(person: Person, look: Look): Promise<void> {
  await person.by("search-open").click();
  await until("it is open", () => person.by("search-empty").isVisible());
  await look(person, "q-search");
  // The index is written a moment after the messages.
  await until("it is found", async () => {
    await person.by("search-input").fill("");
    await person.by("search-input").fill("방");
    const answered = person.by("search-none").or(person.by("hit").first());
    await until("there is an answer", () => answered.isVisible());
    return (await person.by("hit").count()) >= 2;
  });
  await look(person, "r-found");
  await person.by("search-input").fill("없는 낱말");
  await until("nothing is found", () => person.by("search-none").isVisible());
  await look(person, "s-nothing-found");
  await person.by("search-close").click();
}
