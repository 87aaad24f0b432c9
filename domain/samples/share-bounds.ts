/** How much a member shares by links: what the edge describes and the vault holds to. */

/** Those that are neither revoked nor over. */
export const sharesLivingMax = 20;
export const recipientCharsMax = 120;

/** Somebody, in words that can be shown: no control characters and no halves of one. */
export const isRecipient = (text: string): boolean =>
  text.length <= recipientCharsMax && text.trim() !== "" && /^[^\p{Cc}\p{Cs}]*$/u.test(text);
