/** What the page of a platform says right after something was done to it. */
export const DONE: Readonly<Record<string, string>> = {
  alive: 'It answered: it is alive.',
  silent: 'It did not answer as it should: its last exchange says how.',
  rotated: 'New tokens are exchanged, and its endpoints are read again.',
  suspended: 'Suspended. Nothing is routed to or from it until you resume it.',
  resumed: 'Resumed.',
  disconnected: 'Disconnected: its tokens are dead. A new invitation brings it back.',
  released: 'Released.',
  'older-tokens-ended': 'Its older tokens are dead.',
  pause: 'Its queue is paused. Nothing more is sent to it until you resume it.',
  resume: 'Its queue goes on.',
  confirmed: 'Confirmed: these roles count from now on.',
  refused: 'Refused. If the platform brings these roles again, they wait again.',
  saved: 'Saved.',
  unchanged: 'Nothing was changed.',
}
