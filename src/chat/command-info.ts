/** A command as adapters publish it on their platform. */

/** A text by language of `assets/locales/`, `en` always among them; each 1 to 100 characters, the limit of Discord. */
export type Localised = Readonly<Record<string, string>>;

export interface CommandInfo {
  /** What is typed after the slash, the same in every language: 1 to 32 letters a to z. */
  readonly name: string;
  readonly description: Localised;
  /** Name of the command in a message's context menu, where the platform has one: 1 to 32 characters. */
  readonly menu?: Localised;
  /** Who should see it. The permission is checked again when it runs. */
  readonly audience: 'everyone' | 'moderators';
  /** `communities`: of no use in a direct message. */
  readonly where: 'anywhere' | 'communities';
  readonly options: readonly CommandOption[];
}

export interface CommandOption {
  /** 1 to 32 letters a to z; for a filter the name of its label. */
  readonly name: string;
  readonly description: Localised;
  /**
   * `photo`: a photo; the call is then a `PhotoPost` with trigger `command`. `filter`: part of that post's filter, for example
   * `{ colour: ['Red'] }`. `garment`: that post's garment. `argument`: the argument of a `CommandCall`.
   */
  readonly kind: 'photo' | 'filter' | 'garment' | 'argument';
  readonly required: boolean;
  /** Values to choose from, at most 25. Absent: free text. They follow the inventory, so a reindex may change them. */
  readonly choices?: readonly { readonly value: string; readonly label: Localised }[];
}
