/** Where files are dropped; the button in it is the way for whoever does not drag. */
import { type DragEvent, type ReactNode, useState } from "react";
import { FileTrigger } from "react-aria-components";
import { Button } from "./controls.tsx";
import "./dropzone.css";

interface DropzoneProps {
  readonly label: string;
  /** What the button says. */
  readonly choose: string;
  /** Ends of names and types, as `accept` takes them. */
  readonly accept: readonly string[];
  readonly isMultiple?: boolean;
  readonly isDisabled?: boolean;
  readonly onFiles: (files: readonly File[]) => void;
  readonly children: ReactNode;
}

const hasFiles = ({ dataTransfer }: DragEvent): boolean => dataTransfer.types.includes("Files");

export function Dropzone(props: DropzoneProps) {
  const {
    label,
    choose,
    accept,
    isMultiple = false,
    isDisabled = false,
    onFiles,
    children,
  } = props;
  const [isOver, setOver] = useState(false);
  const take = (list: FileList | null) => {
    const files = [...(list ?? [])];
    if (files.length > 0) onFiles(isMultiple ? files : files.slice(0, 1));
  };
  const over = (event: DragEvent) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = isDisabled ? "none" : "copy";
    setOver(!isDisabled);
  };
  const drop = (event: DragEvent) => {
    if (!hasFiles(event)) return;
    // Without this the browser leaves the page for the file.
    event.preventDefault();
    setOver(false);
    if (!isDisabled) take(event.dataTransfer.files);
  };
  return (
    <fieldset
      className="dropzone"
      aria-label={label}
      data-over={isOver}
      onDragEnter={over}
      onDragOver={over}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      {children}
      <FileTrigger acceptedFileTypes={[...accept]} allowsMultiple={isMultiple} onSelect={take}>
        <Button isDisabled={isDisabled}>{choose}</Button>
      </FileTrigger>
    </fieldset>
  );
}
