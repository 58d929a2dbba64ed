import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { asApiError } from '../data';

/** A modal dialog; the browser keeps the focus in it and gives it back afterwards. Escape closes. */
export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog ref={dialog} aria-labelledby={titleId} onCancel={(event) => { event.preventDefault(); onClose(); }}>
      <h2 id={titleId}>{title}</h2>
      {children}
    </dialog>
  );
}

/** Asks before something that cannot be undone; stays open and says why when it fails. */
export function Confirm(props: { title: string; action: string; onConfirm: () => Promise<void>; onClose: () => void; children: ComponentChildren }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const run = async () => {
    setBusy(true);
    try {
      await props.onConfirm();
      props.onClose();
    } catch (failure) {
      setError(asApiError(failure).message);
      setBusy(false);
    }
  };
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      <div class="dialog-body">{props.children}</div>
      {error && <p class="form-error" role="alert">{error}</p>}
      <div class="dialog-actions">
        <button type="button" class="button" onClick={props.onClose}>Cancel</button>
        <button type="button" class="button danger" disabled={busy} onClick={() => void run()}>{props.action}</button>
      </div>
    </Dialog>
  );
}
