/** Boards in the afternoon light: stands where there is nothing to read. */
export function FloorArt() {
  return (
    <svg class="floor-art" viewBox="0 0 200 88" aria-hidden="true" focusable="false">
      <path class="board a" d="M44 8h70l-4 22H38z" />
      <path class="board b" d="M118 8h38l6 22h-48z" />
      <path class="board c" d="M37 33h34l-5 24H30z" />
      <path class="board a" d="M75 33h88l6 24H70z" />
      <path class="board b" d="M29 60h73l-2 26H21z" />
      <path class="board c" d="M106 60h64l8 26h-74z" />
    </svg>
  );
}
