/** Names the local day of a time; remembers the last one, as thousands are asked for in a row. */
export function days(): (at: number) => string {
  let from = 0;
  let to = 0;
  let name = "";
  return (at) => {
    if (at < from || at >= to) {
      const day = new Date(at);
      name = day.toDateString();
      from = day.setHours(0, 0, 0, 0);
      to = day.setDate(day.getDate() + 1);
    }
    return name;
  };
}
