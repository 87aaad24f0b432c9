import { describe, expect, it } from "vitest";
import { terra } from "../../../providers/terra.ts";

describe("the page for linking", () => {
  const { session } = terra.reference;
  const reply = (status: number, body: unknown, complete = true) => ({
    status,
    body: JSON.stringify(body),
    complete,
    fault: null,
    retryAfterMs: null,
    headers: {},
  });
  const page = "https://widget.tryterra.co/session/344d475f";

  it("is asked for with the word, and opened where it is Terra's own", () => {
    const asked = session.next("word-1", "https://app.example/done", []);
    expect(asked).toEqual({
      method: "POST",
      path: "/v2/auth/generateWidgetSession",
      query: {},
      json: {
        reference_id: "word-1",
        language: "en",
        auth_success_redirect_url: "https://app.example/done",
        auth_failure_redirect_url: "https://app.example/done",
      },
    });
    expect(session.next("word-1", null, [reply(201, { status: "success", url: page })])).toEqual({
      page,
    });
    expect(session.next("word-1", null, [])).toMatchObject({
      json: { reference_id: "word-1", language: "en" },
    });
  });

  it("is looked for where Terra moved it to, and no further", () => {
    const next = (...statuses: number[]) =>
      session.next(
        "w",
        null,
        statuses.map((status) => reply(status, {})),
      );
    expect(next(410)).toMatchObject({ path: "/api/widget/session" });
    expect(next(410, 404)).toMatchObject({ path: "/widget/session" });
    for (const tried of [[410, 404, 404], [403], [500], [404, 500], [200]])
      expect(next(...tried)).toBeNull();
    for (const path of session.paths) expect(path).toMatch(/^\/[A-Za-z0-9/]+$/);
  });

  it.each([
    "http://widget.tryterra.co/session/1",
    "https://widget.tryterra.co.example/1",
    "https://tryterra.co@example.org/1",
    "https://example.org/tryterra.co/1",
    "javascript:alert(1)",
    "https://widget.tryterra.co/a b",
    null,
  ])("is not %s", (url) => {
    expect(session.next("w", null, [reply(201, { url })])).toBeNull();
  });

  it("is not one in an answer that broke off", () => {
    expect(session.next("w", null, [reply(201, { url: page }, false)])).toBeNull();
  });
});
