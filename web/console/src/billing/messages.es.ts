import type { en } from "./messages.en";

export const es: Record<keyof typeof en, string> = {
  "plan.label": "Plan {plan}",
  "plan.past_due": "Pago pendiente",
  "plan.canceled": "Terminado",
  "plan.read_only": "Solo lectura: hay un pago pendiente. Escribe a tu agencia para continuar; no se pierde nada.",
  "gate.opens_with": "Incluido desde {plan}",
  "gate.yours": "Tienes {plan}.",
  "gate.how": "Para cambiar de plan, escribe a tu agencia: lo cambia por ti y se abre aquí al momento.",
  "gate.ai_content_generation.title": "Un mes de contenido, escrito para ti",
  "gate.ai_content_generation.text": "Dices de qué va el mes. Se escriben cuatro publicaciones y un reel para tus plataformas, y tú apruebas cada pieza.",
  "gate.other.title": "Aún no está en tu plan",
  "gate.other.text": "Esta parte de la plataforma viene con un plan mayor.",
  "usage.title": "Este mes",
  "usage.chats": "Mensajes",
  "usage.campaigns": "Campañas",
  "usage.of": "{used} de {limit}",
  "usage.remaining": "quedan este mes",
  "usage.no_limit": "este mes, sin límite",
  "usage.resets": "Empieza de nuevo {when}",
};
