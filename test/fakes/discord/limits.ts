/** Every limit that the fake enforces, with its source. Sources are titles of pages of the official documentation. */

interface Limit {
  readonly value: number;
  /** A documentation page and its heading, or `B.1` for section B.1 of the project's chat platform research. */
  readonly source: string;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const MIB = 1024 * 1024;

export const LIMITS = {
  initialResponseMs: { value: 3 * SECOND, source: 'Interactions, "Interaction Callback"; B.1 Deadline' },
  interactionTokenMs: { value: 15 * MINUTE, source: 'Interactions, "Interaction Callback"; B.1 Deadline' },

  contentCharacters: { value: 2000, source: 'Message Resource, "Create Message"' },
  nonceCharacters: { value: 25, source: 'Message Resource, "Create Message"' },
  embeds: { value: 10, source: 'Message Resource, "Create Message"; B.1 Embeds' },
  embedCharacters: { value: 6000, source: 'Message Resource, "Embed Limits"; B.1 Embeds' },
  embedTitle: { value: 256, source: 'Message Resource, "Embed Limits"' },
  embedDescription: { value: 4096, source: 'Message Resource, "Embed Limits"' },
  embedFields: { value: 25, source: 'Message Resource, "Embed Limits"' },
  embedFieldName: { value: 256, source: 'Message Resource, "Embed Limits"' },
  embedFieldValue: { value: 1024, source: 'Message Resource, "Embed Limits"' },
  embedFooter: { value: 2048, source: 'Message Resource, "Embed Limits"' },
  embedAuthor: { value: 256, source: 'Message Resource, "Embed Limits"' },
  mentionIds: { value: 100, source: 'Message Resource, "Allowed Mentions Object"' },

  components: { value: 40, source: 'Component Reference, introduction; B.1 Components V2' },
  legacyRows: { value: 5, source: 'Component Reference, "Legacy Message Component Behavior"' },
  rowButtons: { value: 5, source: 'Component Reference, "Action Row"' },
  sectionTexts: { value: 3, source: 'Component Reference, "Section"' },
  galleryItems: { value: 10, source: 'Component Reference, "Media Gallery"; B.1 Components V2' },
  altTextCharacters: { value: 1024, source: 'Component Reference, "Media Gallery"; Attachment Structure' },
  displayedCharacters: {
    value: 4000,
    source: 'refusal COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED quoted by users; not on a documentation page',
  },
  customIdCharacters: { value: 100, source: 'Component Reference, "Custom ID"; B.1 custom_id' },
  buttonLabel: { value: 80, source: 'Component Reference, "Button"' },
  buttonUrl: { value: 512, source: 'Component Reference, "Button"' },
  selectOptions: { value: 25, source: 'Component Reference, "String Select"' },
  selectText: { value: 100, source: 'Component Reference, "Select Option Structure"' },
  selectPlaceholder: { value: 150, source: 'Component Reference, "String Select"' },

  files: { value: 10, source: 'Opcodes and Status Codes, JSON error 30015; B.1 Files' },
  // The documentation of August 2026 already says 20 MiB; a bot that fits 10 fits both.
  fileBytes: { value: 10 * MIB, source: 'B.1 Files; API Reference, "Uploading Files"' },
  requestBytes: { value: 25 * MIB, source: 'Message Resource, "Create Message"; B.1 Files' },
  attachmentUrlMs: {
    value: 24 * HOUR,
    source: 'API Reference, "Signed Attachment CDN URLs" (life time seen, not stated)',
  },

  slashCommands: { value: 100, source: 'Application Commands, "Registering a Command"; B.1 Command counts' },
  contextCommands: { value: 15, source: 'Application Commands, "Registering a Command"; B.1 Command counts' },
  commandCreatesPerDay: { value: 200, source: 'Application Commands, "Registering a Command"' },
  commandOptions: { value: 25, source: 'Application Commands, "Application Command Structure"' },
  commandChoices: { value: 25, source: 'Application Commands, "Option Structure"' },
  commandName: { value: 32, source: 'Application Commands, "Application Command Naming"' },
  commandDescription: { value: 100, source: 'Application Commands, "Application Command Structure"' },
  commandCharacters: {
    value: 8000,
    source: 'API Reference, "Error Messages": APPLICATION_COMMAND_TOO_LARGE',
  },

  globalRequestsPerSecond: { value: 50, source: 'Rate Limits, "Global Rate Limit"' },
  invalidRequests: { value: 10_000, source: 'Rate Limits, "Invalid Request Limit aka Cloudflare bans"' },
  invalidRequestsMs: {
    value: 10 * MINUTE,
    source: 'Rate Limits, "Invalid Request Limit aka Cloudflare bans"',
  },

  identifiesPerDay: { value: 1000, source: 'Gateway, "Identifying"; B.1 Gateway' },
  identifyWindowMs: { value: 5 * SECOND, source: 'Gateway, "Session Start Limit Object"' },
  identifyConcurrency: { value: 1, source: 'Gateway, "Session Start Limit Object"' },
  gatewaySends: { value: 120, source: 'Gateway, "Rate Limiting"; B.1 Gateway' },
  gatewaySendsMs: { value: MINUTE, source: 'Gateway, "Rate Limiting"' },
  gatewayPayloadBytes: { value: 4096, source: 'Gateway, "Sending Events"' },
  heartbeatMs: {
    value: 41_250,
    source: 'Gateway, "Hello Event" (the example says 45,000; this is what clients see)',
  },
} as const satisfies Record<string, Limit>;

export type LimitName = keyof typeof LIMITS;
export type Limits = Readonly<Record<LimitName, number>>;

export interface Bucket {
  readonly requests: number;
  readonly windowMs: number;
}

/**
 * Requests per window of each bucket, counted per channel, guild or interaction token. Discord publishes none of them
 * ("rate limits should not be hard coded"): these are what clients report, and only make the headers plausible.
 */
export const BUCKETS = {
  'message-create': { requests: 5, windowMs: 5 * SECOND },
  'message-edit': { requests: 5, windowMs: 5 * SECOND },
  'message-delete': { requests: 5, windowMs: SECOND },
  webhook: { requests: 5, windowMs: 2 * SECOND },
  commands: { requests: 5, windowMs: 20 * SECOND },
  typing: { requests: 5, windowMs: 5 * SECOND },
  other: { requests: 50, windowMs: SECOND },
} as const satisfies Record<string, Bucket>;

export type BucketName = keyof typeof BUCKETS;
export type Buckets = Readonly<Record<BucketName, Bucket>>;

/** The table's values, with some replaced so that a test reaches a limit sooner. */
export function limitsWith(overrides: Partial<Limits> = {}): Limits {
  const values = Object.fromEntries(Object.entries(LIMITS).map(([name, limit]) => [name, limit.value]));
  return { ...(values as Record<LimitName, number>), ...overrides };
}
