// openapi-generator, target go: submit, poll, read an image through the package that was made from openapi.json.
package main

import (
	"bytes"
	"context"
	"io"
	"log"
	"net/http"
	"os"
	"time"

	pixola "github.com/GIT_USER_ID/GIT_REPO_ID"
)

func must[T any](value T, _ *http.Response, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func main() {
	settings := pixola.NewConfiguration()
	settings.Servers = pixola.ServerConfigurations{{URL: os.Getenv("PIXOLA_BASE_URL")}}
	client := pixola.NewAPIClient(settings)
	ctx := context.WithValue(context.Background(), pixola.ContextAccessToken, os.Getenv("PIXOLA_API_KEY"))

	request := *pixola.NewGenerationRequest("A lighthouse")
	id := must(client.GenerationAPI.CreateGeneration(ctx).GenerationRequest(request).Execute()).BatchId
	batch := must(client.BatchesAPI.GetBatch(ctx, id).Execute())
	for batch.Status == pixola.PROCESSING {
		time.Sleep(100 * time.Millisecond)
		batch = must(client.BatchesAPI.GetBatch(ctx, id).Execute())
	}
	image := must(client.ImagesAPI.GetImage(ctx, batch.Images[0].ImageId).Execute())
	if image.BatchId != id || image.Url.Get() == nil {
		log.Fatal("the image is of another batch, or nowhere")
	}
	answer, err := http.Get(*image.Url.Get())
	if err != nil {
		log.Fatal(err)
	}
	picture, err := io.ReadAll(answer.Body)
	if err != nil || !bytes.HasPrefix(picture, []byte("\x89PNG")) {
		log.Fatal("the picture is no PNG")
	}
	if _, refused, err := client.ModelsAPI.GetModel(ctx, "none").Execute(); err == nil || refused.StatusCode != 404 {
		log.Fatal("an unknown model is no error")
	}
}
