/** What the local issuer is called, and where at its address everything is. */

/** The `iss` of every token; a name, not an address. */
export const issuerName = "https://issuer.singlet.localhost";
/** The `aud` of every token. */
export const audience = "singlet";
/** What this system's own pages are called there; they have no secret. */
export const clientId = "singlet-pages";

export const paths = {
  jwks: "/jwks",
  configuration: "/.well-known/openid-configuration",
  authorize: "/authorize",
  token: "/token",
  endSession: "/end-session",
} as const;

/** The edge's SIGN_IN, of the issuer at this address. */
export const signInAt = (url: string): object => ({
  clientId,
  scope: "openid offline_access",
  authorizationEndpoint: url + paths.authorize,
  tokenEndpoint: url + paths.token,
  endSessionEndpoint: url + paths.endSession,
});

/** OpenID Connect Discovery 1.0, section 3; RFC 8414, section 2. */
export const configurationAt = (url: string, algorithm: string): object => ({
  issuer: issuerName,
  authorization_endpoint: url + paths.authorize,
  token_endpoint: url + paths.token,
  jwks_uri: url + paths.jwks,
  end_session_endpoint: url + paths.endSession,
  scopes_supported: ["openid", "offline_access"],
  response_types_supported: ["code"],
  response_modes_supported: ["query"],
  grant_types_supported: ["authorization_code", "refresh_token"],
  subject_types_supported: ["public"],
  id_token_signing_alg_values_supported: [algorithm],
  token_endpoint_auth_methods_supported: ["none"],
  code_challenge_methods_supported: ["S256"],
  authorization_response_iss_parameter_supported: true,
});
