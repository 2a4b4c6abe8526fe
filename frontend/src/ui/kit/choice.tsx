interface Props<T extends string> {
  legend: string;
  name: string;
  options: readonly { value: T; label: string; lang?: string }[];
  value: T;
  choose: (value: T) => void;
  /** The id of what explains it. */
  describedBy?: string;
}

/** A few options side by side; radio buttons to the keyboard and to screen readers. */
export function Choice<T extends string>(props: Props<T>) {
  const { legend, name, options, value, choose, describedBy } = props;
  return (
    <fieldset class="choice" data-testid={name} aria-describedby={describedBy}>
      <legend>{legend}</legend>
      <div class="segments">
        {options.map((option) => (
          <label key={option.value} {...(option.lang === undefined ? {} : { lang: option.lang })}>
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => choose(option.value)}
            />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
