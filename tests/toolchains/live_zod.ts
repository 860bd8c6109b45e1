// Reads answers of the running sandbox with the zod schemas that orval made; each must be taken as it is.
import * as made from "./made";
import { assert, settings } from "./live";

const get = async (path: string): Promise<unknown> =>
  (await fetch(`${settings.url}/${path}`, { headers: { authorization: `Bearer ${settings.key}` } })).json();

async function main(): Promise<void> {
  const submitted = await fetch(`${settings.url}/generate`, {
    method: "POST",
    headers: { authorization: `Bearer ${settings.key}`, "content-type": "application/json" },
    body: JSON.stringify(made.CreateGenerationBody.parse({ prompt: "A lighthouse", quality: "hd" })),
  });
  const { batchId } = made.CreateGenerationResponse.parse(await submitted.json());
  made.ListModelsResponse.parse(await get("models"));
  made.GetModelResponse.parse(await get("models/flux-2"));
  made.ListStylesResponse.parse(await get("styles"));
  made.GetStyleResponse.parse(await get("styles/watercolor"));
  made.ListShapesResponse.parse(await get("shapes"));
  made.GetShapeResponse.parse(await get("shapes/landscape-wide"));
  made.GetCreditsResponse.parse(await get("credits"));
  made.ListBatchesResponse.parse(await get("batches"));
  const { images } = made.GetBatchResponse.parse(await get(`batches/${batchId}`));
  const image = made.GetImageResponse.parse(await get(`images/${images[0]?.imageId}`));
  assert(image.batchId === batchId, "the image is of another batch");
  made.ListImagesResponse.parse(await get("images"));
  assert(!made.CreateGenerationBody.safeParse({}).success, "a request without a prompt is taken");
}

void main();
