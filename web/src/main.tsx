import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Gate } from "./app/gate";
import "./app/style.css";

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Gate />
    </StrictMode>,
  );
}
