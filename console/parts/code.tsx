/** JSON and commands, to read and to copy. */
import { useSignal } from '@preact/signals';

type CodeProps = { readonly label: string; readonly text: string };

/** Text in its own form, with a button that copies it. */
export function Code({ label, text }: CodeProps) {
  const isCopied = useSignal(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    isCopied.value = true;
  };
  return (
    <div class="code">
      <div class="code-head">
        <h3>{label}</h3>
        <button type="button" class="button small" onClick={() => void copy()}>
          {isCopied.value ? 'Copied' : 'Copy'}
        </button>
      </div>
      {/* It scrolls, so it must be reached by keyboard. */}
      <pre tabIndex={0} role="region" aria-label={label}>
        {text}
      </pre>
    </div>
  );
}

/** A value as JSON. */
export function Json({ label, value }: { readonly label: string; readonly value: unknown }) {
  return <Code label={label} text={JSON.stringify(value, null, 2)} />;
}
