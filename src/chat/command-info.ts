/** A command as doors publish it on their platform. */

/** By language of `assets/locales/` (`en` is always there), each 1 to 100 characters, the limit of Discord. */
export type Localised = Readonly<Record<string, string>>;

export interface CommandInfo {
  /** What is typed after the slash, in every language: 1 to 32 letters a to z. */
  readonly name: string;
  readonly description: Localised;
  /** Name of the same thing in a message's context menu, where the platform has one: 1 to 32 characters. */
  readonly menu?: Localised;
  /** Who should see it. The right is checked again when it runs. */
  readonly audience: 'everyone' | 'moderators';
  /** `communities`: of no use in a direct message. */
  readonly where: 'anywhere' | 'communities';
  readonly options: readonly CommandOption[];
}

export interface CommandOption {
  /** 1 to 32 letters a to z; of a filter the name of its label. */
  readonly name: string;
  readonly description: Localised;
  /**
   * `photo`: a picture; the call is then a `PhotoPost` with trigger `command`, and the `filter` options of the same call its
   * filter, for example `{ colour: ['Red'] }`. `argument`: the argument of a `CommandCall`.
   */
  readonly kind: 'photo' | 'filter' | 'argument';
  readonly required: boolean;
  /** Values to choose from, at most 25; absent: free text. They follow the inventory, so they may change with a reindex. */
  readonly choices?: readonly { readonly value: string; readonly label: Localised }[];
}
