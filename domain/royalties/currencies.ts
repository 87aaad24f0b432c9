/** ISO 4217 (list one, read 2026-11-22): how many digits a currency's smallest unit stands below it. */
const digitsUsual = 2;
const digitsElse: Readonly<Record<number, readonly string[]>> = {
  0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(" "),
  3: "BHD IQD JOD KWD LYD OMR TND".split(" "),
  4: "CLF UYW".split(" "),
};

const digitsOf = (currency: string): number => {
  const found = Object.entries(digitsElse).find(([, codes]) => codes.includes(currency));
  return found === undefined ? digitsUsual : Number(found[0]);
};

/** 123456 of EUR is "1234.56". Of what is not negative. */
export function decimalOf(amountMinor: number, currency: string): string {
  const digits = digitsOf(currency);
  const text = String(amountMinor).padStart(digits + 1, "0");
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}
