import type { en } from "./messages.en";

export const es: Record<keyof typeof en, string> = {
  "home.hello": "Hola, {name}",
  "home.making": "En marcha",
  "home.making.none": "Ahora mismo no se está haciendo nada.",
  "home.waiting": "Espera tu sí",
  "home.waiting.none": "Nada te espera. Lo que necesite tu sí aparece aquí.",
  "home.waiting.pieces": "{n} piezas por mirar",
  "home.review": "Revisar",
  "home.left": "Lo que te queda",
  "home.recent": "Últimos trabajos",
  "home.recent.none": "Aún no se ha hecho ningún trabajo.",
  "home.all_jobs": "Todos los trabajos",
  "home.launch": "Lanzar una campaña",
  "home.first.title": "Tu primer mes de contenido",
  "home.first.text": "Di de qué va el mes; ves cómo se escriben cuatro publicaciones y un reel, y los apruebas.",
};
