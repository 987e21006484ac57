export type { Sight } from "./belief.js";
export {
  type CompareOptions,
  compareRecordings,
  compareRows,
  type Difference,
  isSameStep,
} from "./compare.js";
export { type EndEvent, EndRecorder, type EventDetails, type PassingFrame } from "./end-recorder.js";
export { fieldsOf, kindOf } from "./frame-line.js";
export { fromHex, toHex } from "./hex.js";
export { recordSocket, type SocketEvent, type SocketName, type WatchedSocket } from "./record-socket.js";
export { type RecordedStep, Recorder, type RecorderOptions, type RecorderSummary } from "./recorder.js";
export { linesOf, type Recorded, Recording, RecordingReader, recordingVersion } from "./recording.js";
export { RecordingError, type RecordingErrorCode } from "./recording-error.js";
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
