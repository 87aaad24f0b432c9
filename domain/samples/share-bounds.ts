/** How much a member shares by links: what the edge describes and the vault holds to. */

/** Those that are neither revoked nor over. */
export const sharesLivingMax = 20;
export const recipientCharsMax = 120;
