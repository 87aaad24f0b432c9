/** What a workout is called, in the languages of phones. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { healthAutoExport } from "../../../providers/health-auto-export.ts";

const receivedMs = Date.UTC(2026, 10, 21);
function typeOf(name: unknown, over: object = {}) {
  const start = "2026-11-14 08:00:00 +0100";
  const end = "2026-11-14 09:00:00 +0100";
  const result = healthAutoExport.normalise("workout", { name, start, end, ...over }, receivedMs);
  if (!result.ok || !("fields" in result.value)) throw new Error("not read");
  const { type, originalType } = result.value.fields;
  return { type, originalType };
}

it.each([
  [
    "running",
    "Outdoor Run|Running|Outdoor Ausführen|Outdoor Laufen|Laufen|Course à pied extérieure",
  ],
  ["running", "Carrera|Correr al aire libre|Corsa|Corsa all’aperto|Hardlopen|Buiten hardlopen"],
  ["running", "Corrida|Corrida ao ar livre|Löpning|Löpning utomhus|ランニング|屋外ランニング"],
  [
    "treadmill_running",
    "Indoor Run|Innenräume Ausführen|Laufband|Intérieur Courir|Carrera interior",
  ],
  [
    "treadmill_running",
    "Corsa indoor|Binnen Hardlopen|Corrida em ambiente fechado|Löpning inomhus",
  ],
  ["treadmill_running", "室内ランニング|屋内ランニング|INDOOR\u00a0RUN"],
  ["walking", "Outdoor Walk|Indoor Walk|Outdoor Spaziergang|Innenräume Spaziergang|Gehen outdoor"],
  ["walking", "Marche|Extérieur Marcher|Caminata|Caminar|Camminata|Wandelen|Buiten Wandelen"],
  ["walking", "Caminhada|Caminhada ao ar livre|Promenad|Gång|ウォーキング|屋外ウォーキング"],
  ["hiking", "Hiking|Wandern|Randonnée|Senderismo|Escursionismo|Hiken|Trilha|Vandring|ハイキング"],
  ["cycling", "Cycling|Outdoor Cycling|Outdoor Radfahren|Radfahren|Rad outdoor|Cyclisme|Vélo"],
  ["cycling", "Ciclismo|Bicicleta al aire libre|Fietsen|Buiten Fietsen|Cykling|サイクリング"],
  ["indoor_cycling", "Indoor Cycling|Innenräume Radfahren|Vélo en salle|Ciclismo en interior"],
  ["indoor_cycling", "Ciclismo indoor|Binnen Fietsen|Cykling inomhus|室内サイクリング"],
  ["swimming", "Swimming|Pool Swim|Schwimmbad Schwimmen|Beckenschwimmen|Natation|Piscine Nager"],
  [
    "swimming",
    "Natación en piscina|Nuoto|Nuoto in piscina|Zwemmen|Natação|Simning|スイミング|水泳",
  ],
  ["open_water_swimming", "Open Water Swim|Freiwasser Schwimmen|Natation en eau libre"],
  ["open_water_swimming", "Natación en aguas abiertas|Nuoto in acque libere|Openwaterzwemmen"],
  [
    "open_water_swimming",
    "Natação em águas abertas|Simning i öppet vatten|オープンウォータースイミング",
  ],
  ["rowing", "Rowing|Rower|Rudern|Aviron|Remo|Canottaggio|Roeien|Rodd|ローイング"],
  ["indoor_rowing", "Indoor Rowing|Rudern indoor"],
  ["strength_training", "Traditional Strength Training|Functional Strength Training|Core Training"],
  ["strength_training", "Traditionelles Krafttraining|Funktionales Krafttraining|Kerntraining"],
  ["strength_training", "Entraînement de force traditionnel|Musculation|Krachttraining"],
  ["strength_training", "Entrenamiento de fuerza tradicional|Allenamento forza tradizionale"],
  ["strength_training", "Treino de força tradicional|Styrketräning|伝統的筋力トレーニング"],
  [
    "cardio",
    "High Intensity Interval Training|Hochintensives Intervalltraining|Elliptical|Elliptisch",
  ],
  ["cardio", "Entraînement par Intervalles de Haute Intensité|Stair Climbing|Escaliers|Jump Rope"],
  [
    "cardio",
    "Treino intervalado de alta intensidade|高強度インターバルトレーニング|Cross-Training",
  ],
  ["yoga", "Yoga|ヨガ|Pilates|Flexibility|Flexibilität"],
  ["cross_country_skiing", "Cross Country Skiing|Langlaufen|Ski de fond|Längdskidåkning"],
  ["skiing", "Downhill Skiing|Ski alpin|Esquí alpino|Alpineskiën|Utförsåkning"],
])("%s is what %s are", (type, names) => {
  for (const name of names.split("|"))
    expect([name, typeOf(name)]).toEqual([name, { type, originalType: null }]);
});

it.each([
  "Wheelchair Run Pace",
  "Water Polo",
  "Eislaufen",
  "Tennis",
  "Mind and Body",
  "Cooldown",
  "Kräutergarten",
  "Sonstige",
  "constructor",
  "__proto__",
  "\ud800",
  `${"x".repeat(100)} run`,
])("nobody here knows %s: it is other, and the word is kept", (name) => {
  expect(typeOf(name)).toEqual({ type: "other", originalType: name });
});

it("where it was comes from the name, then from the place, and never from isIndoor", () => {
  expect(typeOf("Running", { location: "Indoor" }).type).toBe("treadmill_running");
  expect(typeOf("Laufen", { location: "Innenräume" }).type).toBe("treadmill_running");
  expect(typeOf("Outdoor Run", { location: "Indoor" }).type).toBe("running");
  expect(typeOf("Swimming", { location: "Open Water" }).type).toBe("open_water_swimming");
  for (const isIndoor of [true, false]) {
    expect(typeOf("Running", { isIndoor }).type).toBe("running");
    expect(typeOf("Indoor Run", { isIndoor }).type).toBe("treadmill_running");
  }
});

it.each([
  [{ lapLength: { qty: 0.025, units: "m" } }, "swimming"],
  [{ totalSwimmingStrokeCount: { qty: 1935, units: "count" } }, "swimming"],
  [{ strokeStyle: "Freestyle" }, "swimming"],
  [{ location: "Pool" }, "swimming"],
  [{ location: "Freiwasser" }, "open_water_swimming"],
  [{ lapLength: { qty: 0, units: "m" }, totalSwimmingStrokeCount: { qty: 0 } }, "other"],
])("in a language that nobody knows, %o makes it %s", (over, type) => {
  expect(typeOf("Плавание", over)).toEqual({ type, originalType: "Плавание" });
});

it("any name is read the same in capitals and without its accents' composition", () => {
  fc.assert(
    fc.property(fc.constantFrom("Course à pied", "Natação", "Löpning", "Randonnée"), (name) => {
      const { type } = typeOf(name);
      expect(type).not.toBe("other");
      expect(typeOf(name.toUpperCase()).type).toBe(type);
      expect(typeOf(name.normalize("NFD")).type).toBe(type);
      expect(typeOf(`  ${name.replaceAll(" ", "\u00a0")} `).type).toBe(type);
    }),
  );
});
