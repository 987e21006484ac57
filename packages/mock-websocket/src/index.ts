export { type MockClock, platformClock } from "./clock.js";
export { MockCloseEvent } from "./close-event.js";
export { network, WebSocket } from "./default-network.js";
export { type Listening, MockNetwork, type MockNetworkOptions } from "./mock-network.js";
export { type MockEvent, MockWebSocket, type MockWebSocketOptions } from "./mock-websocket.js";
export { calmNetwork, type NetworkConditions, Random, VirtualTime } from "./network/index.js";
export { MockSocket, type Refusal, type WsSendOptions } from "./socket.js";
export { WsEmitter, type WsEvents, type WsRequest, type WsResponse } from "./ws-emitter.js";
