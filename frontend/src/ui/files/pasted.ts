/**
 * The files of what is pasted. Office programs put a picture of a text beside it, and a file manager
 * the name beside the file: with a text that has markup, too, the text is meant.
 */
export function pasted(data: DataTransfer | null): File[] {
  if (data === null || data.files.length === 0) return [];
  const text = data.types.includes("text/plain") && data.types.includes("text/html");
  return text ? [] : [...data.files];
}
