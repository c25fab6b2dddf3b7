/** Keys within this many milliseconds of each other are one gesture. */
export const gestureMs = 600;

/** What the user sets with a control, which goes before what is reported until the report has caught up. */
export interface Gesture {
  /** A key press, or a step of a drag. */
  set(value: number, by: 'key' | 'pointer'): void;
  /** The pointer was let go, or the focus left. */
  end(): void;
  /** Forgets what was set: the control now shows something else. */
  drop(): void;
  /** The value that the user set, or null once the gesture is over and its last run has answered. */
  value(answered: boolean): number | null;
}

/** `ended` is called once a gesture: after a drag, or when no key has come for a while. */
export function gesture(ended: () => void): Gesture {
  let held: number | null = null;
  let open = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = (): void => {
    clearTimeout(timer);
    if (!open) return;
    open = false;
    ended();
  };
  return {
    set(value, by) {
      clearTimeout(timer);
      held = value;
      open = true;
      if (by === 'key') timer = setTimeout(end, gestureMs);
    },
    end,
    drop() {
      end();
      held = null;
    },
    value(answered) {
      if (!open && answered) held = null;
      return held;
    },
  };
}
