/** A piece under the client's hands while others may change it too: nothing typed is lost, nothing newer overwritten. */

import { useState } from "react";
import { api } from "../api/client";
import type { Campaign, Piece } from "../api/types";
import { draftOf, editOf, faultsOfEdit, isChanged, isOtherContent, rebase } from "./edit_draft";
import type { EditDraft, EditFaults } from "./edit_draft";
import { campaignKey } from "./keys";
import { showCampaign } from "./live";
import { acts, useActing } from "./use_acts";
import type { Acting } from "./use_acts";

export interface Editing {
  draft: EditDraft;
  change: (change: Partial<EditDraft>) => void;
  isDirty: boolean;
  /** The newer version that came while something was being typed; null when there is none. */
  newer: Piece | null;
  takeTheirs: () => void;
  keepMine: () => void;
  discard: () => void;
  faults: EditFaults;
  acting: Acting;
  /** The piece as saved, or null when it was not. */
  save: () => Promise<Piece | null>;
}

export function useEditing(piece: Piece, month: string, zone: string): Editing {
  const [state, setState] = useState({ base: piece, draft: draftOf(piece, zone) });
  const [checked, setChecked] = useState(false);
  const acting = useActing();
  const { base, draft } = state;
  const isDirty = isChanged(draft, base, zone);
  const isOther = isOtherContent(base, piece);

  if (base !== piece && !isDirty) setState({ base: piece, draft: draftOf(piece, zone) });
  else if (base !== piece && !isOther) setState({ base: piece, draft: rebase(draft, base, piece, zone) });

  const restart = (from: Piece) => {
    setChecked(false);
    acting.clear();
    setState({ base: from, draft: draftOf(from, zone) });
  };
  const faults = faultsOfEdit(draft, month);
  return {
    draft,
    isDirty,
    newer: isDirty && isOther && acting.busy === null ? piece : null,
    faults: checked ? faults : {},
    acting,
    change: (change) => {
      setState((now) => ({ ...now, draft: { ...now.draft, ...change } }));
    },
    takeTheirs: () => {
      restart(piece);
    },
    keepMine: () => {
      acting.clear();
      setState({ base: piece, draft: rebase(draft, base, piece, zone) });
    },
    discard: () => {
      restart(piece);
    },
    save: async () => {
      setChecked(true);
      if (Object.keys(faults).length > 0) return null;
      return acting.run("save", async () => {
        const saved = await savedOrNews(base, () => acts.editPiece(base, editOf(draft, base, zone)));
        restart(saved);
        return saved;
      });
    },
  };
}

/** A conflict may be news that has not come yet: it is fetched, so that the client can choose between both versions. */
async function savedOrNews(piece: Piece, save: () => Promise<Piece>): Promise<Piece> {
  try {
    return await save();
  } catch (error) {
    if ((error as { status?: number }).status === 409) {
      showCampaign(await api.get<Campaign>(campaignKey(piece.campaign_id)));
    }
    throw error;
  }
}
