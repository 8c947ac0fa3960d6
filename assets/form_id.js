/** What a form calls itself, so that the server makes one thing of it however often it is sent. */
export const formId = () => crypto.getRandomValues(new Uint32Array(2)).join("-"); // randomUUID is for secure pages only
