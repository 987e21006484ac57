import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import type { App } from "../model/app.js";
import type { State } from "../model/state.js";
import type { Texts } from "../texts/index.js";

/** What every part of the screen sees. */
export interface Screen {
  readonly app: App;
  readonly state: State;
  readonly texts: Texts;
  readonly language: string;
}

export const ScreenContext = createContext<Screen | null>(null);

export function useScreen(): Screen {
  return useContext(ScreenContext)!;
}

/** Draws again when something changed. */
export function useAppState(app: App): State {
  const [state, setState] = useState(app.state.value);
  useEffect(() => {
    // What changed between the first drawing and now is not missed.
    setState(app.state.value);
    return app.state.subscribe(() => setState(app.state.value));
  }, [app]);
  return state;
}
