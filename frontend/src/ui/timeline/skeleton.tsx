/** What messages look like before they are there. */
export function Skeleton() {
  return (
    <div class="log-skeleton" aria-hidden="true">
      {[64, 82, 46, 71, 58].map((width) => (
        <div key={width} class="message">
          <span class="avatar" />
          <div class="message-main">
            <i class="bone head" />
            <i class="bone" style={{ width: `${width}%` }} />
          </div>
        </div>
      ))}
    </div>
  );
}
