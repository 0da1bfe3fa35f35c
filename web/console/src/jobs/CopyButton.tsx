import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { IconButton, toast } from "../design";
import { useT } from "../i18n";

const SHOWN_MS = 1_500;

export function CopyButton({ text, label }: { text: string; label: string }) {
  const t = useT();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => {
      setCopied(false);
    }, SHOWN_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [copied]);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      // Without https or the right to it there is no clipboard.
      toast({ tone: "red", title: t("job.copy.failed") });
    }
  };
  return <IconButton size="sm" label={copied ? t("job.copied") : label} icon={copied ? <Check /> : <Copy />} onClick={() => void copy()} />;
}
