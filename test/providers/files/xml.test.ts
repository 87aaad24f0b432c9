import { describe, expect, it } from "vitest";
import { metresBetween } from "../../../domain/sphere.ts";
import { pauseFromMs } from "../../../providers/files/points.ts";
import { readFile } from "../../../providers/files/read.ts";
import { samplesAFileMax, sessionsMax } from "../../../providers/files/session.ts";
import { elementCharsMax } from "../../../providers/files/xml.ts";
import { gpxOf, ride, tcxOf } from "../../fakes/activity-files.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (text: string) => readFile(bytesOf(text));
const only = (file: ReturnType<typeof readFile>) => {
  expect(file.refused).toBeNull();
  expect(file.sessions).toHaveLength(1);
  return file.sessions[0] as (typeof file.sessions)[number];
};
const declaration = '<?xml version="1.0" encoding="UTF-8"?>';

describe.each([
  ["TCX", tcxOf()],
  ["GPX", gpxOf()],
])("%s as it occurs", (_, good) => {
  const expected = read(good);

  it.each([
    ["a byte-order mark", `\uFEFF${good}`],
    ["a byte-order mark and an empty line", `\uFEFF\r\n${good}`],
    ["blanks before the declaration", `          ${good}`],
    ["20,000 blanks before it", " ".repeat(20_000) + good],
    ["no declaration", good.replace(declaration, "")],
    [
      "no namespaces, and prefixes that nobody declared",
      good.replaceAll(/ xmlns(:\w+)?="[^"]*"/g, ""),
    ],
    ["a prefix on every element", good.replaceAll(/<(\/?)(?=[A-Za-z]+[\s/>])/g, "<$1x:")],
    ["another encoding declared", good.replace("UTF-8", "ISO-8859-1")],
    ["comments and white space", good.replaceAll(/>\s*</g, "> <!-- x -->\n <")],
  ])("is read with %s", (__, text) => {
    expect(read(text)).toEqual(expected);
  });

  it("is read in UTF-16 of either order", () => {
    const little = new Uint8Array(Buffer.from(`\uFEFF${good}`, "utf16le"));
    const big = new Uint8Array(Buffer.from(little).swap16());
    expect(readFile(little)).toEqual(expected);
    expect(readFile(big)).toEqual(expected);
  });

  it("is taken as far as it goes when it breaks off, and says so", () => {
    const cut = read(good.slice(0, Math.floor(good.length * 0.4)));
    expect(cut.notes).toEqual(["truncated"]);
    expect(only(cut)).toMatchObject({ identity: null, method: "unknown" });
    expect(only(cut).startMs).toBe(ride.startMs);
    expect(only(cut).elapsedMs).toBeLessThan(1_800_000);
  });

  it("is taken with an entity that nobody defined, and says so", () => {
    const odd = read(good.replace("<Id>", "<Id>&nbsp;").replace("Morning", "&auml;"));
    expect(odd.notes).toEqual(["damaged"]);
    expect(only(odd).elapsedMs).toBe(1_800_000);
  });

  it("is taken with a bare ampersand, wherever it stands, and says so", () => {
    const whole = only(expected);
    for (const name of ["Tom & Jerry", "A&B", "R&B;", "&", "&&amp;", "a=1&b=2&#x;"]) {
      const odd = read(good.replace("<Id>", `<Notes>${name}</Notes><Id>`).replace("Morning", name));
      expect(odd.notes, name).toEqual(["damaged"]);
      const { elapsedMs, distanceMm, title, notes } = only(odd);
      expect([elapsedMs, distanceMm], name).toEqual([whole.elapsedMs, whole.distanceMm]);
      expect(title ?? notes, name).toContain(name.replace("&amp;", "&"));
    }
    const many = read(good.replace("Morning", "& ".repeat(9000)).replace("<Id>", "&<Id>"));
    expect(only(many).elapsedMs).toBe(whole.elapsedMs);
  });

  it.each([
    "Tom &amp; Jerry",
    "Tom &#38; Jerry",
    "<![CDATA[Tom & Jerry]]>",
    "<!-- & -->Tom &#x26; Jerry",
  ])("is whole with an ampersand that is none, or written as it should be: %s", (name) => {
    const text = good.replace("<Id>", `<Notes>${name}</Notes><Id>`).replace("Morning ride", name);
    const fine = read(text);
    expect(fine.notes).toEqual([]);
    expect(only(fine).title ?? only(fine).notes).toBe("Tom & Jerry");
  });

  it("says no more than its first point and its file's name before that", () => {
    for (const length of [0, 1, 30, 100, 200])
      expect(read(good.slice(0, length)).refused, String(length)).not.toBeNull();
  });

  it("without a zone is taken as UTC and noted", () => {
    const zoneless = read(good.replaceAll(/\.\d{3}Z/g, ""));
    expect(zoneless.notes).toEqual(["zone-assumed"]);
    expect(zoneless.sessions).toEqual(expected.sessions);
  });

  it("keeps an offset that its times state", () => {
    const later = (ms: number) => new Date(ms + 7_200_000).toISOString().replace("Z", "+02:00");
    const local = good.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (t) => later(Date.parse(t)));
    expect(only(read(local))).toMatchObject({ startMs: ride.startMs, offsetMin: 120 });
  });
});

describe("TCX", () => {
  it("begins with its first lap, not with its Id", () => {
    expect(tcxOf()).toContain("<Id>2026-10-14T06:00:00.000Z</Id>");
    expect(only(read(tcxOf())).startMs).toBe(ride.startMs);
    const without = tcxOf().replace(/ StartTime="[^"]*"/g, "");
    expect(only(read(without)).startMs).toBe(ride.startMs);
  });

  it("sums its laps, and ends at its last point", () => {
    expect(only(read(tcxOf()))).toMatchObject({
      distanceMm: 9_000_000,
      movingMs: 1_740_000,
      elapsedMs: 1_800_000,
      energyMcal: 320_000_000,
      method: "device",
      heartRateBy: "unknown",
    });
  });

  it("without a track lasts as long as its laps", () => {
    const bare = only(read(tcxOf().replaceAll(/<Track>[\s\S]*?<\/Track>/g, "")));
    expect(bare).toMatchObject({ elapsedMs: 1_740_000, track: [], heartRate: [] });
  });

  it("without distances of its laps has its points' sum, then their line", () => {
    const summed = tcxOf().replaceAll(/<DistanceMeters>4500<\/DistanceMeters>/g, "");
    expect(only(read(summed)).distanceMm).toBe(9_000_000);
    const line = only(read(summed.replaceAll(/<DistanceMeters>[^<]*<\/DistanceMeters>/g, "")));
    expect(Math.abs((line.distanceMm ?? 0) / 9_000_000 - 1)).toBeLessThan(0.005);
  });

  it("has the average speed that all its laps state", () => {
    const ns = "<Extensions><ns3:LX><ns3:AvgSpeed>5.172</ns3:AvgSpeed></ns3:LX></Extensions>";
    const text = tcxOf();
    expect(only(read(text.replaceAll("</Lap>", `${ns}</Lap>`))).speedMmps).toBe(5172);
    expect(only(read(text.replace("</Lap>", `${ns}</Lap>`))).speedMmps).toBeNull();
  });

  it("of several activities is as many workouts, multisport or not", () => {
    const one = /<Activity [\s\S]*<\/Activity>/.exec(tcxOf())?.[0] ?? "";
    const legs = `<MultiSportSession><FirstSport>${one}</FirstSport><NextSport>${one}</NextSport></MultiSportSession>`;
    const file = read(tcxOf().replace(one, legs));
    expect(file.sessions.map(({ index }) => index)).toEqual([0, 1]);
    const many = read(tcxOf().replace(one, one.repeat(sessionsMax + 1)));
    expect(many.sessions).toHaveLength(sessionsMax);
    expect(many.notes).toContain("too-many-sessions");
  });

  it("by a phone says so, and by nobody says nothing", () => {
    const by = (name: string) => only(read(tcxOf().replace("Garmin fenix 5", name))).method;
    expect(by("iPhone 15")).toBe("phone");
    expect(only(read(tcxOf().replace(/<Creator[\s\S]*<\/Creator>/, "")))).toMatchObject({
      method: "unknown",
      deviceModel: null,
    });
  });

  it("that is a course is no activity; without any time, or any length, it is refused", () => {
    const course = tcxOf().replaceAll("Activities", "Courses").replaceAll("Activity", "Course");
    expect(read(course).refused).toBe("not-an-activity");
    const timeless = tcxOf().replaceAll(/ StartTime="[^"]*"|<Time>[^<]*<\/Time>/g, "");
    expect(read(timeless).refused).toBe("no-time");
    const still = timeless
      .replace("<Lap", `<Lap StartTime="2026-10-14T06:00:23Z"`)
      .replaceAll(/<TotalTimeSeconds>[^<]*</g, "<TotalTimeSeconds>0<");
    expect(read(still).refused).toBe("no-duration");
  });

  it("with a clock that was years off lasts as long as was moved", () => {
    const off = tcxOf().replace(/<Lap StartTime="[^"]*"/, '<Lap StartTime="2001-01-01T00:00:00Z"');
    const file = read(off);
    expect(only(file).elapsedMs).toBe(1_740_000);
    expect(file.notes).toContain("elapsed-capped");
  });
});

describe("GPX", () => {
  const point = (seconds: number, north: number) =>
    `<trkpt lat="${52 + north / 111_195}" lon="5"><time>${new Date(ride.startMs + seconds * 1000).toISOString()}</time></trkpt>`;
  const gpx = (...segments: string[][]) =>
    `<gpx><trk>${segments.map((s) => `<trkseg>${s.join("")}</trkseg>`).join("")}</trk></gpx>`;

  it("begins at its first point, not with its metadata", () => {
    expect(gpxOf()).toContain("<metadata><time>2026-10-14T06:00:00.000Z");
    const late = gpxOf().replace(/<metadata><time>[^<]*/, "<metadata><time>2026-10-21T06:00:00Z");
    expect(only(read(late)).startMs).toBe(ride.startMs);
  });

  it("is as long as the line through its points, within each segment", () => {
    const one = [point(0, 0), point(10, 50)];
    const two = [point(20, 1050), point(30, 1100)];
    expect(only(read(gpx(one, two))).distanceMm).toBeCloseTo(100_000, -2);
    expect(only(read(gpx([...one, ...two]))).distanceMm).toBeCloseTo(1_100_000, -3);
  });

  it("moved while it was faster than a fix wanders", () => {
    const walk = gpx([point(0, 0), point(100, 100), point(200, 110), point(300, 210)]);
    expect(only(read(walk))).toMatchObject({ elapsedMs: 300_000, movingMs: 200_000 });
    const bridged = gpx([point(0, 0), point(10, 50), point(10 + pauseFromMs / 1000, 9050)]);
    expect(only(read(bridged)).movingMs).toBe(10_000);
  });

  it("is the same ride with its points, or its segments, in reverse order of time", () => {
    const times = [0, 10, 20, 30];
    const [forth, back] = [times, times.toReversed()].map((order) =>
      only(read(gpx(order.map((s) => point(s, s * 5))))),
    );
    const { track, ...sums } = back ?? {};
    const { track: inOrder, ...expected } = forth ?? {};
    expect(sums).toEqual(expected);
    expect(track?.toReversed()).toEqual(inOrder);
    expect(sums).toMatchObject({ startMs: ride.startMs, elapsedMs: 30_000, movingMs: 30_000 });
    const [one, two] = [times, times.map((s) => s + 100)].map((l) => l.map((s) => point(s, s * 5)));
    const swapped = only(read(gpx(two ?? [], one ?? [])));
    expect(swapped).toMatchObject({ startMs: ride.startMs, elapsedMs: 130_000 });
  });

  it("never lasts longer than a recording may, wherever its times lie", () => {
    const day = 86_400;
    const odd = read(gpx([point(6 * day, 0), point(0, 10), point(12 * day, 20)]));
    expect(only(odd).elapsedMs).toBe(6 * day * 1000);
    expect(odd.notes).toContain("elapsed-capped");
  });

  it("is a workout a track", () => {
    const track = /<trk>[\s\S]*<\/trk>/.exec(gpxOf())?.[0] ?? "";
    const { sessions } = read(gpxOf().replace(track, track + track));
    expect(sessions.map(({ index }) => index)).toEqual([0, 1]);
  });

  it("of many tracks keeps no more readings than one file may", () => {
    const many = Array.from({ length: 30_000 }, (_, i) => point(i, i));
    const track = gpx(many).slice("<gpx>".length, -"</gpx>".length);
    const { sessions, notes } = read(`<gpx>${track.repeat(6)}</gpx>`);
    const kept = sessions.map((session) => session.track.length);
    expect(kept.slice(0, 3)).toEqual([30_000, 30_000, 30_000]);
    expect(kept.reduce((a, b) => a + b)).toBeLessThanOrEqual(samplesAFileMax + 3000);
    expect(new Set(sessions.map((session) => session.distanceMm)).size).toBe(1);
    expect(notes).toContain("thinned");
  });

  it("keeps what it says of itself apart from what made it", () => {
    expect(only(read(gpxOf()))).toMatchObject({
      title: "Morning ride",
      sport: "road_biking",
      app: "Garmin Connect",
      deviceModel: null,
      method: "unknown",
    });
    const phone = gpxOf().replace("Garmin Connect", "StravaGPX Android");
    expect(only(read(phone))).toMatchObject({ method: "phone", app: "StravaGPX Android" });
    const person = gpxOf().replace("Garmin Connect", "somebody@example.org");
    expect(only(read(person)).app).toBeNull();
  });

  it("that is a route, or without any time, or of one point, is refused", () => {
    const route = gpxOf().replaceAll("trkpt", "rtept").replaceAll("trkseg", "x");
    expect(read(route.replaceAll(/<(\/?)trk>/g, "<$1rte>")).refused).toBe("not-an-activity");
    expect(read(gpxOf().replaceAll(/<time>[^<]*<\/time>/g, "")).refused).toBe("no-time");
    expect(read(gpx([point(0, 0)])).refused).toBe("no-duration");
    expect(read("<gpx></gpx>").refused).toBe("no-session");
  });

  it("with points from nowhere, or beyond the Earth, keeps the others", () => {
    const odd = [`<trkpt lat="91" lon="5"/>`, `<trkpt lat="x" lon="5"/>`, `<trkpt/>`];
    const session = only(read(gpx([point(0, 0), ...odd, point(10, 50)])));
    expect(session.track).toHaveLength(2);
  });
});

describe("other XML", () => {
  it.each([
    ["a page", "<html><body></body></html>", "unknown-format"],
    ["an export of another kind", "<HealthData></HealthData>", "unknown-format"],
    ["a promise of XML", "<", "not-xml"],
    ["a declaration alone", declaration, "not-xml"],
    ["something else in angle brackets", "<<<>>>", "not-xml"],
  ])("%s is refused", (_, text, refused) => {
    expect(read(text).refused).toBe(refused);
  });

  it("nested without end is given up at once", () => {
    expect(read(`<gpx>${"<a>".repeat(1_000_000)}`).refused).toBe("too-deep");
    expect(read("<a>".repeat(1_000_000)).refused).toBe("unknown-format");
  });

  it("with attributes without end is given up at once", () => {
    const attributes = Array.from({ length: 100_000 }, (_, i) => `a${i}="1"`).join(" ");
    expect(read(`<gpx><trk ${attributes}/></gpx>`).refused).toBe("too-deep");
  });

  it("of nothing but errors is given up soon", () => {
    const startedMs = performance.now();
    expect(read(`<gpx>${"&x;<1>".repeat(500_000)}</gpx>`).refused).toBe("damaged");
    expect(performance.now() - startedMs).toBeLessThan(10_000);
  });

  it("never expands what a document defines", () => {
    const bomb = `<!DOCTYPE gpx [<!ENTITY a "${"ha".repeat(1000)}"><!ENTITY b "&a;&a;&a;">]>`;
    const file = read(gpxOf().replace(declaration, bomb).replace("Morning", "&b;"));
    expect(only(file).title?.length).toBeLessThan(100);
  });

  it("keeps of a long text its beginning", () => {
    const long = only(read(gpxOf().replace("Morning", "M".repeat(1_000_000))));
    expect(long.title).toHaveLength(elementCharsMax);
  });
});

it("a degree of latitude is as long as it is on the sphere", () => {
  const [a, b] = [0, 1].map((lat) => ({ t: 0, lat, lon: 5 })) as [never, never];
  expect(metresBetween(a, b)).toBeCloseTo(111_195, 0);
  expect(metresBetween(a, a)).toBe(0);
});
