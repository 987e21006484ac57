/** The list that all hold which are empty in most sessions, so that none has one of its own. Nobody writes to it. */
export const none: never[] = [];
