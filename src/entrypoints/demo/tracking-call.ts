/** A tracking call as the demo sends it. */
export interface TrackingCall {
  type: 'identify' | 'track' | 'page';
  userId?: string;
  anonymousId?: string;
  event?: string;
  name?: string;
  traits?: Record<string, unknown>;
  properties?: Record<string, unknown>;
  timestamp?: string;
  messageId?: string;
}
