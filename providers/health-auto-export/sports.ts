/**
 * What a workout is called: by the app's own translation of HealthKit's word into the phone's
 * language, often word for word ("Outdoor Ausführen" is a run), with the place before it or behind.
 * So a name is read by the stems in it. English, German, French, Spanish, Italian, Dutch, Portuguese,
 * Swedish and Japanese are known; any other name is `other` and kept as it came.
 */
import type { ActivityType } from "../../domain/workouts/activity.ts";
import { type Fields, fieldsOf, positiveOf, textCharsMax, textOf } from "../untrusted.ts";

/** No name of a sport is longer; what is, is not searched. */
const nameCharsMax = 80;
const latinMarks = /[\u0300-\u036f]/g;

/** Small letters without accents, one blank between words. */
export const fold = (text: string): string =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .normalize("NFD")
    .replace(latinMarks, "")
    .normalize("NFC")
    .replace(/[\s_'’-]+/g, " ")
    .trim();

const any = (...stems: readonly string[]): RegExp => new RegExp(stems.join("|"));

const inside = any(
  "\\bindoor",
  "\\btreadmill\\b",
  "innenraum",
  "\\bdrinnen\\b",
  "\\blaufband\\b",
  "\\bheimtrainer\\b",
  "\\binterieure?\\b",
  "\\ben salle\\b",
  "\\btapis\\b",
  "\\binterior(es)?\\b",
  "\\bcinta\\b",
  "\\bal chiuso\\b",
  "\\bintern[oi]\\b",
  "\\bbinnen\\b",
  "\\bloopband\\b",
  "\\bfechad[oa]s?\\b",
  "\\besteira\\b",
  "\\binomhus\\b",
  "\\blopband\\b",
  "室内",
  "屋内",
  "トレッドミル",
);
const outside = any(
  "\\boutdoor",
  "\\bim freien\\b",
  "\\bdraussen\\b",
  "\\bexterieure?\\b",
  "\\baire libre\\b",
  "\\bexterior(es)?\\b",
  "\\baperto\\b",
  "\\bestern[oi]\\b",
  "\\bbuiten",
  "\\bar livre\\b",
  "\\butomhus\\b",
  "屋外",
);
const openWater = any(
  "\\bopen ?water",
  "freiwasser",
  "\\boffene[ns]? wasser\\b",
  "\\beau libre\\b",
  "\\baguas? abiertas?\\b",
  "\\baguas? abertas?\\b",
  "\\bacque? (libere?|apert[ae])\\b",
  "\\boppet vatten\\b",
  "オープンウォーター",
);
const pool = any(
  "\\bpool\\b",
  "schwimmbad",
  "schwimmbecken",
  "\\bpiscin[ae]\\b",
  "\\bzwembad\\b",
  "\\bbassang\\b",
  "プール",
);

/** Neither a run nor a walk, though its name has the word for one in it. */
const otherwise = any(
  "wheelchair",
  "rollstuhl",
  "fauteuil",
  "silla de ruedas",
  "sedia a rotelle",
  "rolstoel",
  "cadeira de rodas",
  "rullstol",
  "車椅子",
  "\\bwater polo\\b",
  "\\btrack and field\\b",
);

/** The first that fits: what is said of one sport in words of another stands before that one. */
const sports: readonly (readonly [type: ActivityType, stems: RegExp])[] = [
  [
    "cross_country_skiing",
    any(
      "cross country ski",
      "langlauf",
      "\\bski de fond\\b",
      "\\besqui de fon?do\\b",
      "\\besqui cross country\\b",
      "\\bsci di fondo\\b",
      "langdskid",
      "クロスカントリースキー",
    ),
  ],
  [
    "skiing",
    any(
      "downhill ski",
      "\\balpine ?ski",
      "\\bski alpin",
      "abfahrtsski",
      "\\besqui alpino\\b",
      "\\bsci alpino\\b",
      "\\bsci di discesa\\b",
      "\\bskien\\b",
      "utforsakning",
      "ダウンヒルスキー",
      "滑降",
    ),
  ],
  [
    "swimming",
    any(
      "\\bswim",
      "schwimm",
      "\\bnatation\\b",
      "\\bnager?\\b",
      "\\bnatacion\\b",
      "\\bnadar\\b",
      "\\bnuot",
      "zwem",
      "\\bnatacao\\b",
      "\\bsimning\\b",
      "\\bsim\\b",
      "スイミング",
      "スイム",
      "水泳",
    ),
  ],
  [
    "rowing",
    any(
      "\\brow(er|ing)?\\b",
      "\\bruder",
      "\\baviron\\b",
      "\\brameur\\b",
      "\\bremo\\b",
      "\\bremar\\b",
      "canottaggio",
      "vogatore",
      "\\broei",
      "\\brodd\\b",
      "ローイング",
      "ボート漕ぎ",
    ),
  ],
  [
    "cardio",
    any(
      "ellip",
      "\\bcross ?train",
      "\\bcrosstraining\\b",
      "\\bhiit\\b",
      "interval",
      "高強度",
      "\\bmixed cardio\\b",
      "\\bcardio\\b",
      "\\bkardio\\b",
      "\\bstairs?\\b",
      "\\bstep training\\b",
      "\\btreppe",
      "\\bescaliers?\\b",
      "\\bescaleras?\\b",
      "\\bscale\\b",
      "\\btraplopen\\b",
      "\\bescadas?\\b",
      "\\btrapp",
      "階段",
      "\\bjump rope\\b",
      "\\bkick ?box",
    ),
  ],
  [
    "cycling",
    any(
      "cycl",
      "\\bbik(e|ing)\\b",
      "\\brad\\b",
      "radfahr",
      "radtour",
      "fahrrad",
      "\\bvelo\\b",
      "\\bciclismo\\b",
      "biciclet",
      "\\bfiets",
      "cykl",
      "サイクリング",
      "自転車",
    ),
  ],
  [
    "hiking",
    any(
      "\\bhik(e|en|ing)\\b",
      "\\bwandern\\b",
      "\\bwanderung\\b",
      "\\brandonnee\\b",
      "\\bsenderismo\\b",
      "\\bexcursion(ismo)?\\b",
      "\\bescursion",
      "\\btrekking\\b",
      "\\btrilha\\b",
      "\\bvandring\\b",
      "ハイキング",
    ),
  ],
  [
    "running",
    any(
      "\\brun(ning)?\\b",
      "\\blauf(en)?\\b",
      "\\blaufband\\b",
      "\\bausfuhren\\b",
      "\\bcourse\\b",
      "\\bcourir\\b",
      "\\bcorrer\\b",
      "\\bcarrera\\b",
      "\\bcorsa\\b",
      "\\bcorrida\\b",
      "\\bhardlo",
      "\\brennen\\b",
      "\\blopning\\b",
      "\\bspringa\\b",
      "ランニング",
    ),
  ],
  [
    "walking",
    any(
      "\\bwalk(ing)?\\b",
      "spazier",
      "\\bgehen\\b",
      "\\bmarche[r]?\\b",
      "\\bcamina",
      "\\bcaminhada\\b",
      "\\bcaminhar\\b",
      "\\bcammina",
      "\\bpasseggiat",
      "\\bwandel",
      "\\bpromenad",
      "\\bgang\\b",
      "ウォーキング",
    ),
  ],
  [
    "strength_training",
    any(
      "strength",
      "kraft",
      "\\bforce\\b",
      "musculation",
      "\\bfuerza\\b",
      "\\bforza\\b",
      "kracht",
      "\\bforca\\b",
      "musculacao",
      "styrk",
      "筋力",
      "\\bcore\\b",
      "kerntraining",
      "コア",
    ),
  ],
  ["yoga", any("\\byoga\\b", "\\bpilates\\b", "flexib", "flessib", "ヨガ", "ピラティス", "柔軟")],
];

const indoors: Readonly<Partial<Record<ActivityType, ActivityType>>> = {
  running: "treadmill_running",
  cycling: "indoor_cycling",
  rowing: "indoor_rowing",
};

/**
 * The name says it, and the place where the name does not. `isIndoor` is not asked: of the two
 * variants of one workout one says yes and the other no.
 */
export function typeOf(workout: Fields): { type: ActivityType; originalType: string | null } {
  const word = textOf(workout.name, textCharsMax);
  const name = word === null || word.length > nameCharsMax ? "" : fold(word);
  const place = fold(textOf(workout.location, nameCharsMax) ?? "");
  const isOpen = openWater.test(name) || openWater.test(place);
  const found = otherwise.test(name)
    ? undefined
    : sports.find(([, stems]) => stems.test(name))?.[0];
  if (found === undefined && (isOpen || hasSwum(workout, place)))
    return { type: isOpen ? "open_water_swimming" : "swimming", originalType: word };
  if (found === undefined) return { type: "other", originalType: word };
  if (found === "swimming" && isOpen) return { type: "open_water_swimming", originalType: null };
  const isInside = inside.test(name) || (!outside.test(name) && inside.test(place));
  return { type: (isInside ? indoors[found] : undefined) ?? found, originalType: null };
}

/** In a name that nobody knows: what only a swim has. */
const hasSwum = ({ lapLength, strokeStyle, totalSwimmingStrokeCount }: Fields, place: string) =>
  pool.test(place) ||
  textOf(strokeStyle) !== null ||
  [lapLength, totalSwimmingStrokeCount].some((v) => positiveOf(fieldsOf(v).qty) !== null);
