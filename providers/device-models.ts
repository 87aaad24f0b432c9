/**
 * Whether a name that came from elsewhere is that of a model. A model is open to whoever sees the
 * workout, and a device's name is its owner's alone: people write themselves into it, behind the
 * maker's as well ("Garmin of Anna Müller", "Apple Watch 0151 2345678"). So a name is a model's only as
 * a whole, of a few words that makers call models by, with one short number at most. A model that is not
 * known by these words yet is kept as a name, which loses nothing but that others see it.
 */
import { wordOf } from "./untrusted.ts";

const charsMax = 40;
/** The maker's own among them. */
const wordsMax = 6;

const makers =
  "amazfit apple bryton concept2 coros elemnt fitbit galaxy garmin google hammerhead honor huawei karoo lezyne oura peloton pixel pm5 polar samsung suunto tacx wahoo whoop withings zepp";
/** What makers call a kind of device by, and what tells one of a kind from another. */
const lines =
  "watch edge forerunner fenix fēnix epix venu vivoactive vívoactive vivosmart vívosmart vivosport instinct enduro marq tactix quatix descent approach lily swim foretrex etrex varia charge inspire ionic sense versa luxe ace bolt roam rival mini vantage grit ignite pacer unite verity loop race vertical ambit spartan traverse peak apex pace vertix dura nomad rider aero mega macro bike tread row guide fit gear active band gt bip cheetah falcon balance neo flux flow ring scanwatch steel pulse move rex";
const finish =
  "pro plus se ultra series sport solar sapphire amoled titanium music classic nova light lite air black compact crossover hr gps gen wifi lte x s xt le";
const words: ReadonlySet<string> = new Set(`${makers} ${lines} ${finish}`.split(" "));
const ofAMaker: ReadonlySet<string> = new Set(makers.split(" "));

const number = /^\d{1,4}$/;
/** "7X", "265S", "V3", "M430", "45mm", "T-Rex". */
const numbered = /^([a-z]{0,2}\d{1,4}[a-z]{0,2}|t-rex)\+?$/;

/** Null: it is none that is known, whole and as it stands. */
export function modelOf(name: unknown): string | null {
  const whole = wordOf(name, charsMax);
  if (whole === null) return null;
  const each = whole.toLowerCase().split(" ");
  const [maker = ""] = each;
  const isModel =
    each.length <= wordsMax &&
    ofAMaker.has(maker) &&
    each.every((word) => words.has(word.replace(/\+$/, "")) || numbered.test(word)) &&
    each.filter((word) => number.test(word)).length <= 1 &&
    each.filter((word) => numbered.test(word) && !words.has(word)).length <= 2;
  return isModel ? whole : null;
}
