/** The AMF 0 string before the metadata: tells a server to keep them; it does not belong into a file. */
const SET_DATA_FRAME = Buffer.from("\x02\x00\x0d@setDataFrame", "latin1");

/** The body of the script tag that a data message stands for. */
export function scriptBody(message: Uint8Array): Uint8Array {
  const begins = SET_DATA_FRAME.every((byte, at) => message[at] === byte);
  return begins ? message.subarray(SET_DATA_FRAME.byteLength) : message;
}
