export type { Sight } from "./belief.js";
export { type EndEvent, EndRecorder, type EventDetails, type PassingFrame } from "./end-recorder.js";
export { fieldsOf, kindOf } from "./frame-line.js";
export { fromHex, toHex } from "./hex.js";
export { type RecordedStep, Recorder, type RecorderOptions, type RecorderSummary } from "./recorder.js";
export type { Row } from "./recording-tree.js";
export {
  type Belief,
  type Changes,
  type FigureName,
  type Figures,
  figureNames,
  type RowHead,
  type RowName,
  type Step,
  type StepKind,
  stepKinds,
} from "./step.js";
