import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface Common {
  label: string;
  hint?: string;
  error?: string | undefined;
  required?: boolean;
  disabled?: boolean;
  wide?: boolean;
}

interface Wiring {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': boolean | undefined;
}

/** Label, control, hint and message of one form field, wired for screen readers. */
function Field({ label, hint, error, required, wide, children }: Common & { children: (wiring: Wiring) => ComponentChildren }) {
  const id = useId();
  const describedBy = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined;
  return (
    <div class={`field${wide ? ' wide' : ''}${error ? ' invalid' : ''}`}>
      <label for={id}>{label}{required && <span class="required" aria-hidden="true"> *</span>}</label>
      {children({ id, 'aria-describedby': describedBy, 'aria-invalid': error ? true : undefined })}
      {hint && <span id={`${id}-hint`} class="hint">{hint}</span>}
      {error && <span id={`${id}-error`} class="message">{error}</span>}
    </div>
  );
}

export interface TextProps extends Common {
  value: string;
  onChange: (value: string) => void;
  /** Hides what is typed. */
  secret?: boolean;
  mono?: boolean;
  autocomplete?: string;
  maxLength?: number;
  placeholder?: string;
  inputMode?: 'text' | 'numeric';
}

export function TextField(props: TextProps) {
  const control = {
    class: props.mono ? 'mono' : undefined,
    value: props.value,
    required: props.required,
    disabled: props.disabled,
    maxLength: props.maxLength,
    placeholder: props.placeholder,
    inputMode: props.inputMode,
    autocomplete: props.autocomplete ?? 'off',
    spellcheck: false,
    onInput: (event: { currentTarget: HTMLInputElement }) => props.onChange(event.currentTarget.value),
  };
  return (
    <Field {...props}>
      {(wiring) => (props.secret ? <input {...wiring} {...control} type="password" /> : <input {...wiring} {...control} type="text" />)}
    </Field>
  );
}

export interface SelectProps extends Common {
  value: string;
  options: { value: string; label: string }[];
  onChange: (value: string) => void;
}

export function SelectField(props: SelectProps) {
  return (
    <Field {...props}>
      {(wiring) => (
        <select {...wiring} value={props.value} disabled={props.disabled} required={props.required} onChange={(event) => props.onChange(event.currentTarget.value)}>
          {props.options.map((option) => <option key={option.value} value={option.value}>{option.label}</option>)}
        </select>
      )}
    </Field>
  );
}

export function CheckField({ label, checked, onChange, disabled }: { label: string; checked: boolean; onChange: (checked: boolean) => void; disabled?: boolean }) {
  return (
    <label class="check">
      <input type="checkbox" checked={checked} disabled={disabled} onChange={(event) => onChange(event.currentTarget.checked)} />
      <span>{label}</span>
    </label>
  );
}

/** One of a few, as a row of buttons. */
export function Segments<T extends string>({ label, value, options, onChange }: { label: string; value: T; options: { value: T; label: string }[]; onChange: (value: T) => void }) {
  return (
    <div class="segments" role="group" aria-label={label}>
      {options.map((option) => (
        <button type="button" key={option.value} aria-pressed={option.value === value} onClick={() => onChange(option.value)}>{option.label}</button>
      ))}
    </div>
  );
}
