import { useState } from 'preact/hooks';
import { asApiError } from '../data';
import { sessionApi } from '../session';
import { Dialog } from './Dialog';
import { TextField } from './fields';
import { toast } from './toasts';

type Errors = Partial<Record<'current' | 'next' | 'repeat', string>>;

/** Changes the password of whoever is logged in; the other sessions of that user end. */
export function ChangePassword({ user, onClose }: { user: string; onClose: () => void }) {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [repeat, setRepeat] = useState('');
  const [errors, setErrors] = useState<Errors>({});
  const [refused, setRefused] = useState<string>();
  const [busy, setBusy] = useState(false);

  const submit = async (event: Event) => {
    event.preventDefault();
    const found = check(current, next, repeat);
    setErrors(found);
    setRefused(undefined);
    if (Object.keys(found).length > 0) return;
    setBusy(true);
    try {
      await sessionApi.changePassword({ current, next });
      toast('ok', `The password of ${user} was changed. Other sessions of this user are closed.`);
      onClose();
    } catch (failure) {
      const error = asApiError(failure);
      const fields: Errors = {};
      for (const name of ['current', 'next'] as const) {
        const message = error.field(name);
        if (message) fields[name] = message;
      }
      setErrors(fields);
      if (Object.keys(fields).length === 0) setRefused(error.message);
      setBusy(false);
    }
  };

  return (
    <Dialog title={`Change the password of ${user}`} onClose={onClose}>
      <form class="form" noValidate onSubmit={(event) => void submit(event)}>
        <TextField label="Present password" secret required wide autocomplete="current-password" value={current} onChange={setCurrent} error={errors.current} />
        <TextField label="New password" secret required autocomplete="new-password" value={next} onChange={setNext} error={errors.next} />
        <TextField label="New password again" secret required autocomplete="new-password" value={repeat} onChange={setRepeat} error={errors.repeat} />
        {refused && <p class="form-error wide-row" role="alert">{refused}</p>}
        <div class="dialog-actions wide-row">
          <button type="button" class="button" onClick={onClose}>Cancel</button>
          <button type="submit" class="button primary" disabled={busy}>Change password</button>
        </div>
      </form>
    </Dialog>
  );
}

/** The rules for a password are the server's; here only what it cannot know. */
function check(current: string, next: string, repeat: string): Errors {
  const errors: Errors = {};
  if (current === '') errors.current = 'Give the password you logged in with.';
  if (next === '') errors.next = 'Give the new password.';
  if (repeat !== next) errors.repeat = 'This is not the same as the new password.';
  return errors;
}
