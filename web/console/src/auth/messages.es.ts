import type { en } from "./messages.en";

export const es: Record<keyof typeof en, string> = {
  "auth.sign_in": "Entrar",
  "auth.sign_in.title": "Entra en B.A.I.",
  "auth.register": "Crear cuenta",
  "auth.register.title": "Crea tu cuenta",
  "auth.email": "Correo electrónico",
  "auth.password": "Contraseña",
  "auth.password.hint": "De 10 a 128 caracteres",
  "auth.name": "Tu nombre",
  "auth.no_account": "¿Aún no tienes cuenta?",
  "auth.have_account": "¿Ya tienes una?",
  "auth.wrong": "El correo y la contraseña no coinciden.",
  "auth.taken": "Ya hay una cuenta con este correo. Entra con ella.",
  "auth.fault.required": "Hace falta.",
  "auth.fault.email": "No es una dirección de correo.",
  "auth.fault.password": "Entre 10 y 128 caracteres; ahora {n}.",
  "auth.back_here": "Entra y vuelves adonde estabas.",
  "auth.demo.title": "Clientes de demostración",
  "auth.demo.text": "Esta plataforma funciona en tu máquina. Pulsa uno para entrar.",
  "auth.claim": "El contenido del mes, hecho a la vista. Nada sale sin tu sí.",
};
