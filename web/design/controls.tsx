/** What people press, choose and fill in: React Aria's behaviour, dressed by parts.css. */
import type { ReactNode } from "react";
import {
  Button as AriaButton,
  type ButtonProps as AriaButtonProps,
  Checkbox as AriaCheckbox,
  Dialog as AriaDialog,
  FieldError,
  Heading,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Modal,
  ModalOverlay,
  Popover,
  Select,
  SelectValue,
  Text,
  TextField,
  ToggleButton,
  ToggleButtonGroup,
} from "react-aria-components";

interface ButtonProps extends Omit<AriaButtonProps, "className" | "style"> {
  readonly kind?: "main" | "plain" | "quiet" | "danger";
}

export const Button = ({ kind = "plain", ...props }: ButtonProps) => (
  <AriaButton {...props} className={`button ${kind}`} />
);

export interface Choice<Id extends string> {
  readonly id: Id;
  readonly name: string;
}

interface SegmentsProps<Id extends string> {
  readonly label: string;
  readonly choices: readonly Choice<Id>[];
  readonly value: Id;
  readonly onChange: (id: Id) => void;
}

/** One of a few, all of them in sight. */
export const Segments = <Id extends string>(props: SegmentsProps<Id>) => (
  <ToggleButtonGroup
    className="segments"
    aria-label={props.label}
    selectionMode="single"
    disallowEmptySelection
    selectedKeys={[props.value]}
    onSelectionChange={(keys) => {
      const [key] = keys;
      if (key !== undefined) props.onChange(key as Id);
    }}
  >
    {props.choices.map(({ id, name }) => (
      <ToggleButton key={id} id={id} className="segment">
        {name}
      </ToggleButton>
    ))}
  </ToggleButtonGroup>
);

interface PickProps<Id extends string> extends SegmentsProps<Id> {
  readonly isLabelHidden?: boolean;
}

/** One of many. */
export const Pick = <Id extends string>(props: PickProps<Id>) => (
  <Select
    className="field"
    {...(props.isLabelHidden ? { "aria-label": props.label } : {})}
    value={props.value}
    onChange={(key) => {
      if (key !== null) props.onChange(key as Id);
    }}
  >
    {props.isLabelHidden ? null : <Label className="label">{props.label}</Label>}
    <AriaButton className="pick">
      <SelectValue />
    </AriaButton>
    <Popover className="popover">
      <ListBox items={props.choices}>
        {({ id, name }) => (
          <ListBoxItem id={id} className="option" textValue={name}>
            {name}
          </ListBoxItem>
        )}
      </ListBox>
    </Popover>
  </Select>
);

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly type?: "text" | "number" | "date" | "time" | "datetime-local";
  readonly about?: ReactNode;
  /** What is wrong with it, in words; null: nothing. */
  readonly wrong?: string | null;
  readonly isRequired?: boolean;
  readonly maxLength?: number;
  readonly autoFocus?: boolean;
  /** Of numbers and dates. */
  readonly min?: string;
  readonly max?: string;
  readonly step?: string;
}

/** Without it a year may be typed with more digits than a date can have. */
const lastDate = "9999-12-31";

export function Field(props: FieldProps) {
  const { label, about, wrong = null, type = "text", min, step, ...others } = props;
  const { max = type === "date" ? lastDate : undefined, ...rest } = others;
  const bounds = Object.fromEntries(
    Object.entries({ min, max, step }).filter(([, value]) => value !== undefined),
  );
  return (
    <TextField className="field" {...rest} type={type as "text"} isInvalid={wrong !== null}>
      <Label>{label}</Label>
      <Input {...bounds} />
      {about === undefined ? null : (
        <Text slot="description" className="small soft">
          {about}
        </Text>
      )}
      <FieldError className="wrong">{wrong}</FieldError>
    </TextField>
  );
}

interface CheckProps {
  readonly isSelected: boolean;
  readonly onChange: (isSelected: boolean) => void;
  readonly isDisabled?: boolean;
  readonly children: ReactNode;
}

export const Check = ({ children, ...props }: CheckProps) => (
  <AriaCheckbox {...props} className="check">
    <span className="box" aria-hidden="true">
      ✓
    </span>
    <span>{children}</span>
  </AriaCheckbox>
);

interface DialogProps {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** Above everything else, until it is closed: by its own buttons, Escape, or a press beside it. */
export const Dialog = ({ title, isOpen, onClose, children }: DialogProps) => (
  <ModalOverlay
    className="veil"
    isOpen={isOpen}
    isDismissable
    onOpenChange={(open) => {
      if (!open) onClose();
    }}
  >
    <Modal className="dialog">
      <AriaDialog className="stack">
        <Heading slot="title">{title}</Heading>
        {children}
      </AriaDialog>
    </Modal>
  </ModalOverlay>
);

interface ConfirmProps extends Omit<DialogProps, "children"> {
  /** What happens, and whether it can be undone. */
  readonly children: ReactNode;
  /** What the button says: the deed itself, never "OK". */
  readonly deed: string;
  readonly isPending: boolean;
  readonly isDanger?: boolean;
  readonly onConfirm: () => void;
}

export const Confirm = ({
  children,
  deed,
  isPending,
  isDanger,
  onConfirm,
  ...rest
}: ConfirmProps) => (
  <Dialog {...rest}>
    {children}
    <div className="row">
      <Button kind={isDanger ? "danger" : "main"} isPending={isPending} onPress={onConfirm}>
        {deed}
      </Button>
      <Button kind="quiet" onPress={rest.onClose}>
        Not now
      </Button>
    </div>
  </Dialog>
);

interface BadgeProps {
  readonly mood?: "plain" | "good" | "warn" | "bad" | "info";
  readonly children: ReactNode;
}

export const Badge = ({ mood = "plain", children }: BadgeProps) => (
  <span className={`badge ${mood}`}>{children}</span>
);
