/** What a till's system posts: a POSLog file of made-up transactions. */
export interface TillSale {
  readonly store: string;
  readonly sequence: number;
  readonly day: string;
  readonly pieces: number;
  /** Of one piece, in cents. */
  readonly cents: number;
  readonly customer?: string;
  readonly card?: string;
  /** What a till may say that nobody understands. */
  readonly currency?: string;
}

const decimal = (cents: number): string => (cents / 100).toFixed(2);

const transaction = ({ store, sequence, day, pieces, cents, ...said }: TillSale): string => {
  const customer =
    said.customer === undefined
      ? ""
      : `<Customer><CustomerID>${said.customer}</CustomerID></Customer>`;
  const card =
    said.card === undefined
      ? ""
      : `<CreditDebit><PrimaryAccountNumber>${said.card}</PrimaryAccountNumber></CreditDebit>`;
  const amount = decimal(pieces * cents);
  return `<Transaction><RetailStoreID>${store}</RetailStoreID><WorkstationID>1</WorkstationID>
<SequenceNumber>${sequence}</SequenceNumber><BusinessDayDate>${day}</BusinessDayDate>
<EndDateTime>${day}T15:00:00Z</EndDateTime><CurrencyCode>${said.currency ?? "EUR"}</CurrencyCode>
<RetailTransaction>${customer}<LineItem><SequenceNumber>1</SequenceNumber><Sale><ItemID>SKU-${
    sequence % 3
  }</ItemID>
<ExtendedAmount>${amount}</ExtendedAmount><Quantity>${pieces}</Quantity></Sale></LineItem>
<LineItem><SequenceNumber>2</SequenceNumber><Tender TenderType="CreditDebit">
<Amount>${amount}</Amount>${card}</Tender></LineItem>
<Total TotalType="TransactionGrandAmount">${amount}</Total></RetailTransaction></Transaction>`;
};

export const posLog = (sales: readonly TillSale[]): string =>
  `<POSLog xmlns="http://www.nrf-arts.org/IXRetail/namespace/">${sales
    .map(transaction)
    .join("")}</POSLog>`;
